import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { WebhookKey } from '@playhead/enforcement/webhook';
import type { TicketVerifier } from '@playhead/service-kit';
import { createAgentServer } from './agent-server.ts';
import { EvidenceSender } from './evidence-sender.ts';
import { LogReader } from './log-evidence.ts';
import { followLog } from './log-tail.ts';
import { ACCESS_LOG } from './nginx-config.ts';
import type { AgentAway } from './nginx-config.ts';
import { startNginx } from './nginx-process.ts';
import { RevocationList } from './revocation-list.ts';

export { nginxConfig } from './nginx-config.ts';
export { nginxPath, startNginx } from './nginx-process.ts';

/** What an edge needs. */
export interface EdgeOptions {
  /** The executable of nginx. */
  readonly nginx: string;
  readonly port: number;
  /** Port of the agent; 0 lets the system choose one. */
  readonly agentPort: number;
  /** Folder of the media. */
  readonly root: string;
  /** Folder of the log and of the revocation list. */
  readonly directory: string;
  readonly gatewayUrl: string;
  /** Whose streams are served: the tenant of the token. */
  readonly tenant: string;
  /** A token of role service. */
  readonly token: () => string;
  readonly tickets: TicketVerifier;
  readonly keys: readonly WebhookKey[];
  /** What nginx serves while its agent does not answer. */
  readonly agentAway: AgentAway;
  /** Least time between two pieces of evidence of a session. */
  readonly evidenceMs: number;
}

/** An nginx with its agent: it serves to streams that may go on, and its log is evidence of them. */
export interface Edge {
  /** Where the enforcement service tells of revocations. */
  readonly webhookUrl: string;
  readonly revoked: RevocationList;
  readonly sender: EvidenceSender;
  /** Resolves when it serves or tells no more: nginx has ended, by itself or by `close`, or the log cannot be read. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

const LOG_POLL_MS = 250;

/** Starts the agent, then nginx, then the tail of its log. */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { nginx, port, root, directory, agentAway, tenant, tickets, keys, gatewayUrl, token, evidenceMs } = options;
  const revoked = new RevocationList(join(directory, 'revocations.jsonl'), Date.now);
  const agent = createAgentServer({ tenant, tickets, revoked, keys, now: Date.now });
  await new Promise<void>((resolve, reject) => {
    agent.once('error', reject);
    agent.listen(options.agentPort, '127.0.0.1', resolve);
  });
  const { port: agentPort } = agent.address() as AddressInfo;
  const closeAgent = (): Promise<void> =>
    new Promise((resolve) => {
      agent.closeAllConnections();
      agent.close(() => resolve());
    });
  const running = await startNginx(nginx, { port, agentPort, root, directory, agentAway }).catch(
    async (error: unknown) => {
      await closeAgent();
      throw error;
    },
  );
  const stopping = new AbortController();
  const sender = new EvidenceSender({ gatewayUrl, token, signal: stopping.signal, now: Date.now, warn: console.warn });
  const reader = new LogReader({ intervalMs: evidenceMs, now: Date.now });
  const tail = followLog({
    path: join(directory, ACCESS_LOG),
    from: 'start',
    pollMs: LOG_POLL_MS,
    onLine: (line) => {
      const evidence = reader.read(line);
      if (evidence !== undefined) sender.add(evidence);
    },
    signal: stopping.signal,
  });
  return {
    failed: new Promise((resolve) => {
      void running.ended.then(() => resolve(new Error(`nginx has ended; ${join(directory, 'error.log')} may say why`)));
      tail.catch((error: unknown) => resolve(new Error('the log cannot be read', { cause: error })));
    }),
    webhookUrl: `http://127.0.0.1:${agentPort}/revocations`,
    revoked,
    sender,
    async close() {
      stopping.abort();
      await running.stop();
      await tail.catch(() => undefined);
      await closeAgent();
      await revoked.close();
    },
  };
}
