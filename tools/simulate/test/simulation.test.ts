import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { closeServer, listen } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import { startSimulation } from '../src/simulation.ts';
import type { Simulation } from '../src/simulation.ts';

const DEADLINE_MS = 30_000;
const keys = testIdentity();

/** A request as the gateway stand-in saw it. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly ticket: string | undefined;
  readonly body: Record<string, unknown>;
}

/** An answer, or nothing for the default one. */
type Scripted =
  | { readonly status: number; readonly body?: object; readonly headers?: Record<string, string> }
  | undefined;

/** Stands in for the gateway: allows everything, unless the script says otherwise. */
class GatewayStandIn {
  readonly seen: Seen[] = [];
  readonly server: Server;
  script: (request: Seen) => Scripted = () => undefined;
  intervalMs = 50;

  constructor() {
    this.server = createServer((request, response) => void this.#answer(request, response));
  }

  of(method: string, path: string): Seen[] {
    return this.seen.filter((request) => request.method === method && request.path.startsWith(path));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const seen: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      ticket: request.headers['playback-ticket'] as string | undefined,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
    this.seen.push(seen);
    const { status, body, headers } = this.script(seen) ?? (await this.#allow(request, seen));
    response.writeHead(status, headers).end(body === undefined ? undefined : JSON.stringify(body));
  }

  async #allow(request: IncomingMessage, { method, path }: Seen): Promise<NonNullable<Scripted>> {
    if (method === 'PUT' || method === 'DELETE') return { status: 204 };
    if (path === '/v1/heartbeats') return { status: 200, body: { verdict: 'continue', nextBeatInMs: this.intervalMs } };
    if (path === '/v1/events') return { status: 200, body: [] };
    await keys.identity.tokens.verify((request.headers.authorization ?? '').slice('Bearer '.length));
    const sessionId = randomUUID();
    return {
      status: 201,
      body: { sessionId, ticket: `ticket-${sessionId}`, heartbeat: { intervalMs: this.intervalMs } },
    };
  }
}

afterAll(() => keys.remove());

describe('a simulation', () => {
  const open: { gateway: GatewayStandIn; simulation: Simulation }[] = [];
  afterEach(async () => {
    for (const { gateway, simulation } of open.splice(0)) {
      await simulation.close();
      await closeServer(gateway.server, 0);
    }
  });

  async function run(
    options: { viewers: number; durationMs?: number; intervalMs?: number },
    script?: GatewayStandIn['script'],
  ) {
    const gateway = new GatewayStandIn();
    if (script !== undefined) gateway.script = script;
    gateway.intervalMs = options.intervalMs ?? 50;
    const port = await listen(gateway.server, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' });
    const simulation = startSimulation(
      {
        gateway: `http://127.0.0.1:${port}`,
        tenant: 'demo',
        seed: 's',
        arrivalMs: 0,
        durationMs: options.durationMs,
        viewers: options.viewers,
      },
      { PLAYHEAD_DATA_DIR: keys.dataDir },
    );
    open.push({ gateway, simulation });
    return { gateway, simulation };
  }

  async function until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`not so within ${DEADLINE_MS} ms: ${condition.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('asks, then beats with the ticket, counting from 0', async () => {
    const { gateway, simulation } = await run({ viewers: 3 });
    await until(() => simulation.tallies.beats >= 15);
    const byTicket = Map.groupBy(gateway.of('POST', '/v1/heartbeats'), ({ ticket }) => ticket);
    for (const [ticket, beats] of byTicket) {
      expect(ticket).toMatch(/^ticket-/);
      expect(beats.map(({ body }) => body['sequence'])).toEqual(beats.map((_, i) => i));
    }
    expect(gateway.of('POST', '/v1/playback-sessions')[0]!.body).toMatchObject({
      contentId: expect.any(String),
      kind: expect.any(String),
    });
    expect(gateway.of('POST', '/v1/events')[0]!.body).toMatchObject([{ sequence: 0, type: 'PLAY' }]);
  });

  it('sets the plans of accounts before anybody watches', async () => {
    const { gateway, simulation } = await run({ viewers: 100 });
    await until(() => simulation.tallies.admitted >= 1);
    const firstStart = gateway.seen.findIndex(({ path }) => path === '/v1/playback-sessions');
    const plans = gateway.seen.slice(0, firstStart).filter(({ method }) => method === 'PUT');
    expect(plans.length).toBeGreaterThan(3);
    expect(plans).toHaveLength(gateway.of('PUT', '/v1/accounts/').length);
  });

  it('stops a session that is told to stop', async () => {
    const stopAll = ({ path }: Seen): Scripted =>
      path === '/v1/heartbeats' ? { status: 200, body: { verdict: 'stop', nextBeatInMs: 50 } } : undefined;
    const { gateway, simulation } = await run({ viewers: 2 }, stopAll);
    await until(() => simulation.tallies.stopped >= 2);
    const perTicket = [...Map.groupBy(gateway.of('POST', '/v1/heartbeats'), ({ ticket }) => ticket).values()];
    expect(perTicket.map(({ length }) => length)).toEqual(perTicket.map(() => 1));
    expect(simulation.tallies.watching).toBe(0);
  });

  it('does not play what is denied', async () => {
    const deny = ({ path }: Seen): Scripted =>
      path === '/v1/playback-sessions' ? { status: 409, body: { decision: 'deny', retryAfterMs: 60_000 } } : undefined;
    const { gateway, simulation } = await run({ viewers: 4 }, deny);
    await until(() => simulation.tallies.denied >= 4);
    expect([gateway.of('POST', '/v1/heartbeats').length, simulation.tallies.watching]).toEqual([0, 0]);
  });

  it('sends a beat that was put off again, the same one', async () => {
    let failures = 0;
    const unwilling = ({ path }: Seen): Scripted =>
      path === '/v1/heartbeats' && failures++ < 2 ? { status: 503, headers: { 'retry-after': '0' } } : undefined;
    const { gateway, simulation } = await run({ viewers: 1, intervalMs: 60_000 }, unwilling);
    await until(() => simulation.tallies.beats >= 1);
    expect(simulation.tallies.busy).toBe(2);
    const sequences = gateway.of('POST', '/v1/heartbeats').map(({ body }) => body['sequence']);
    expect(sequences.slice(0, 3)).toEqual([0, 0, 0]);
  });

  it('says goodbye for every session when it ends, and ends by itself after its duration', async () => {
    const { gateway, simulation } = await run({ viewers: 5, durationMs: 300 });
    await until(() => simulation.tallies.watching >= 1);
    await simulation.ended;
    const watching = simulation.tallies.watching;
    await simulation.close();
    expect(gateway.of('DELETE', '/v1/playback-sessions/').length).toBeGreaterThanOrEqual(watching);
    expect(simulation.tallies.watching).toBe(0);
  });
});
