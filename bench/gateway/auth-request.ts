import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '@playhead/chaos-streams/testing';
import { nginxConfig, nginxPath, startEdge, startNginx } from '@playhead/nginx';
import { createTickets } from '@playhead/service-kit';
import { freePlayheadPorts } from '@playhead/start/testing';
import { ms, percentile } from '../percentile.ts';

/**
 * `npm run bench:nginx`: what auth_request adds to a segment: the same nginx with and without it, by turns, one request
 * after the other, each with another ticket of 1,000.
 */
const ROUNDS = 20;
const REQUESTS = 500;
const TICKETS = 1000;
const MAX_ADDED_MS = 5;
const MEDIA = join(import.meta.dirname, '../../tools/players/fixtures');

const HELP = `What auth_request adds to a segment: the same nginx with and without it, by turns.

Usage: npm run bench:nginx [-- --help]

${ROUNDS} rounds of ${REQUESTS} requests each, one after the other, each with another of ${TICKETS} tickets. Added at p99: the p99 with auth_request less
the one without. Exit code 1: more than ${MAX_ADDED_MS} ms.`;
commandLine(HELP, {});

const nginx = nginxPath();
if (nginx === undefined) throw new Error('there is no nginx on this machine; NGINX_PATH names one');
const directory = await mkdtemp(join(tmpdir(), 'playhead-bench-nginx-'));
const ports = await freePlayheadPorts();
const keys = [{ kid: 'k1', key: randomBytes(32) }];
const signer = createTickets({ keys, maxCached: TICKETS });
const tickets = Array.from({ length: TICKETS }, (_, at) =>
  signer.sign({
    tenant: 'demo',
    account: `acc-${at}`,
    profile: 'p-1',
    device: 'tv-1',
    session: `session-${at}`,
    content: 'film-1',
    kind: 'VOD',
    intervalMs: 10_000,
  }),
);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function get(port: number, path: string): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, port, host: '127.0.0.1', path }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path} was answered ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - startedAt));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const edge = await startEdge({
  nginx,
  port: ports.gateway,
  agentPort: 0,
  root: MEDIA,
  directory: join(directory, 'edge'),
  // Nobody listens there: what is measured is serving, not evidence.
  gatewayUrl: `http://127.0.0.1:${ports.kafka}`,
  tenant: 'demo',
  token: () => '',
  tickets: signer,
  keys,
  evidenceMs: 3_600_000,
  agentAway: 'closed',
});
const unasked = { agentPort: ports.kafka, agentAway: 'closed' as const };
const plain = { ...unasked, port: ports.registry, root: MEDIA, directory: join(directory, 'plain') };
const unaskedNginx = await startNginx(nginx, plain, (place) =>
  nginxConfig(place).replace('auth_request /agent/authorize;', ''),
);
try {
  const asked: number[] = [];
  const open: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [port, times] of [
      [ports.gateway, asked],
      [plain.port, open],
    ] as const) {
      for (let at = 0; at < REQUESTS; at++) {
        const ticket = tickets[(round * REQUESTS + at) % TICKETS]!;
        const tookMs = await get(port, `/t/${ticket}/clip/s0-1.m4s`);
        // The first round warms up.
        if (round > 0) times.push(tookMs);
      }
    }
  }
  const show = (times: readonly number[]): string =>
    `p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}`;
  const addedMs = percentile(asked, 0.99) - percentile(open, 0.99);
  console.log(`${asked.length} segments each; load average ${loadavg()[0]!.toFixed(1)}`);
  console.log(`without auth_request: ${show(open)}`);
  console.log(`with auth_request:    ${show(asked)}`);
  console.log(`added at p99: ${ms(addedMs)}, wanted ≤ ${MAX_ADDED_MS} ms`);
  if (addedMs > MAX_ADDED_MS) process.exitCode = 1;
} finally {
  agent.destroy();
  await unaskedNginx.stop();
  await edge.close();
  await rm(directory, { recursive: true, force: true });
}
