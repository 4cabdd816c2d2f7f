import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { globSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { closeServer, listen } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import { cmcdLines } from '../src/cmcd-lines.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const FIXTURES = join(import.meta.dirname, '../fixtures/cmcd');
// Each test starts a process, and replays some seconds.
jest.setTimeout(60_000);
const keys = testIdentity();
afterAll(() => keys.remove());

interface StoodInSession {
  readonly account: string;
  readonly device: string;
  readonly seen: Set<string>;
  beats: number;
  events: number;
  bodies: string[];
}

/** Stands in for the gateway: gives tickets and counts lines as the contract says. */
class GatewayStandIn {
  readonly sessions = new Map<string, StoodInSession>();
  readonly entitlements: [account: string, maxStreams: number][] = [];
  readonly types = new Set<string>();
  refuseEvery = Infinity;
  state = 'active';
  #posts = 0;
  readonly server: Server = createServer((request, response) => void this.#answer(request, response));

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
    const url = new URL(request.url ?? '', 'http://gateway');
    const send = (status: number, body?: object): void =>
      void response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    if (request.method === 'PUT') {
      this.entitlements.push([url.pathname.split('/')[3]!, (JSON.parse(text) as { maxStreams: number }).maxStreams]);
      send(204);
    } else if (url.pathname === '/v1/playback-sessions') {
      const { account, device } = await keys.identity.tokens.verify(
        (request.headers.authorization ?? '').slice('Bearer '.length),
      );
      const sessionId = randomUUID();
      this.sessions.set(sessionId, {
        account: account!,
        device: device!,
        seen: new Set(),
        beats: 0,
        events: 0,
        bodies: [],
      });
      send(201, { sessionId, ticket: sessionId });
    } else if (request.method === 'GET') {
      const { beats, events } = this.sessions.get(url.pathname.split('/').at(-1)!)!;
      send(200, { state: this.state, endReason: 'expired', beats, events });
    } else {
      this.types.add(request.headers['content-type'] ?? '');
      this.#count(this.sessions.get(url.searchParams.get('ticket') ?? '')!, text);
      send(++this.#posts % this.refuseEvery === 0 ? 400 : 204);
    }
  }

  #count(session: StoodInSession, body: string): void {
    session.bodies.push(body);
    body.split('\n').forEach((line) => {
      const [identity] = cmcdLines(line).map((read) => read.identity);
      if (identity === undefined || session.seen.has(identity)) return;
      session.seen.add(identity);
      if (/(^|,)e=t(,|$)/.test(line)) session.beats++;
      else session.events++;
    });
  }
}

describe('npm run replay', () => {
  let gateway: GatewayStandIn;
  let address: string;
  beforeEach(async () => {
    gateway = new GatewayStandIn();
    address = `http://127.0.0.1:${await listen(gateway.server, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' })}`;
  });
  afterEach(() => closeServer(gateway.server, 0));

  const run = (...args: readonly string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
      const options = { env: { ...process.env, PLAYHEAD_DATA_DIR: keys.dataDir } };
      execFile(process.execPath, [MAIN, '--gateway', address, ...args], options, (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      );
    });
  const capture = (name: string): string => join(FIXTURES, `${name}.jsonl.gz`);

  it('sends every capture and says in one line what came back', async () => {
    const files = globSync('*.jsonl.gz', { cwd: FIXTURES }).map((file) => join(FIXTURES, file));
    const { code, out, err } = await run('--speed', '50', ...files);
    expect([code, out.split('\n').length]).toEqual([0, 2]);
    const result = JSON.parse(out) as Record<string, number>;
    expect(Object.keys(result)).toEqual([
      'posts',
      'refused',
      'lines',
      'distinctLines',
      'linesWithoutSid',
      'beats',
      'events',
    ]);
    expect(result['posts']).toBe(735);
    expect(result['refused']).toBe(0);
    expect(result['linesWithoutSid']).toBeGreaterThan(0);
    expect(result['distinctLines']).toBeLessThan(result['lines']! - result['linesWithoutSid']!);
    expect(result['beats']! + result['events']!).toBe(result['distinctLines']);
    expect(err).toContain('735 of 735 posts');
    expect(gateway.types).toEqual(new Set(['application/cmcd', 'text/plain']));
  });

  it('gives each file an account, each ticket a device and a session, and the account room for them', async () => {
    await run('--speed', '1000', capture('dash-twotabs'), capture('hls-normal'));
    const sessions = [...gateway.sessions.values()];
    expect(sessions.map(({ device }) => device).sort()).toEqual(['player-1', 'player-1', 'player-2']);
    expect(new Set(sessions.map(({ account }) => account)).size).toBe(2);
    const shared = sessions.find(({ device }) => device === 'player-2')!.account;
    expect(gateway.entitlements).toEqual([[shared, 2]]);
  });

  it("sends a ticket's posts in their order", async () => {
    await run('--speed', '1000', capture('dash-c503'));
    const [{ bodies }] = [...gateway.sessions.values()] as [StoodInSession];
    await run('--speed', '1000', capture('dash-c503'));
    expect([...gateway.sessions.values()][1]!.bodies).toEqual(bodies);
    expect(bodies.length).toBeGreaterThan(20);
  });

  it('counts posts that are refused, and names the answer', async () => {
    gateway.refuseEvery = 5;
    const { out, err } = await run('--speed', '1000', capture('dash-normal'));
    const { posts, refused } = JSON.parse(out) as { posts: number; refused: number };
    expect(refused).toBe(Math.floor(posts / 5));
    expect(err).toContain(`${refused} refused (400`);
  });

  it('says when a session is not active in the middle of its recording', async () => {
    gateway.state = 'ended';
    const { err } = await run('--speed', '20', capture('dash-normal'));
    expect(err).toContain('dash-normal tk-1: ended (expired) in the middle of the recording');
  });

  it.each([
    [['--speed', '0', 'x'], 2, '--speed 0'],
    [['nowhere.jsonl'], 1, 'nowhere.jsonl cannot be read'],
    [['--gateway', 'http://127.0.0.1:1', capture('dash-normal')], 1, 'no answer'],
  ])('exits with a message: %j', async (args, expected, message) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toContain(message);
  });
});
