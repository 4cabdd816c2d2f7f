import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { PATIENT, startPlayhead } from '../src/playhead-process.ts';
import type { PlayheadProcess } from '../src/playhead-process.ts';
import { childrenOf, lives, until } from './process-tree.ts';

jest.setTimeout(90_000);

/** Broker and services; simulators are a third. */
const CHILDREN = 2;
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-start-'));
const viewer = (account: string, device = 'tv-1'): string[] => [
  '--tenant',
  'demo',
  '--account',
  account,
  '--profile',
  'p-1',
  '--device',
  device,
  '--role',
  'viewer',
];

type Json = Readonly<Record<string, unknown>>;

/** The gateway's API, as the tests need it. */
class Api {
  readonly playhead: PlayheadProcess;
  readonly #operator: string;

  constructor(playhead: PlayheadProcess) {
    this.playhead = playhead;
    this.#operator = playhead.token('--tenant', 'demo', '--role', 'operator');
  }

  async ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = { 'content-type': 'application/json' };
    const response = await fetch(this.playhead.url + path, { method, headers: { ...headers, ...type }, ...sent });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) };
  }

  start(account: string, device: string): Promise<{ status: number; body: Json }> {
    const authorization = `Bearer ${this.playhead.token(...viewer(account, device))}`;
    return this.ask('POST', '/v1/playback-sessions', { authorization }, { contentId: 'film-1', kind: 'VOD' });
  }

  beat(ticket: string, sequence: number): Promise<{ status: number; body: Json }> {
    const beat = { sequence, state: 'PLAYING', positionMs: sequence * 10_000, sentAt: Date.now() };
    return this.ask('POST', '/v1/heartbeats', { 'playback-ticket': ticket }, beat);
  }

  allow(account: string, maxStreams: number): Promise<{ status: number; body: Json }> {
    const headers = { authorization: `Bearer ${this.#operator}` };
    return this.ask('PUT', `/v1/accounts/${account}/entitlement`, headers, { plan: 'test', maxStreams });
  }

  async session(account: string, sessionId: string): Promise<Json> {
    const headers = { authorization: `Bearer ${this.#operator}` };
    return (await this.ask('GET', `/v1/playback-sessions/${sessionId}?account=${account}`, headers)).body;
  }
}

/** What has to be the same after a restart. */
interface Kept {
  readonly watching: string;
  readonly blocked: string;
  readonly blockedTicket: string;
}

const onLinux = platform() === 'linux';
if (!onLinux)
  process.stderr.write('skipped: npm start as processes; the tests look for them in /proc, which only Linux has\n');

(onLinux ? describe : describe.skip)('npm start', () => {
  const running: PlayheadProcess[] = [];
  const start = async (env: Record<string, string> = {}): Promise<PlayheadProcess> => {
    const playhead = await startPlayhead({ dataDir, env: { ...PATIENT, ...env } });
    running.push(playhead);
    return playhead;
  };
  afterEach(async () => {
    for (const playhead of running.splice(0)) {
      const children = lives(playhead.pid) ? childrenOf(playhead.pid) : [];
      await playhead.kill();
      await until('no child is left', () => children.every((pid) => !lives(pid)));
    }
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  let kept: Kept;
  const expectKept = async (api: Api): Promise<void> => {
    expect(await api.session('acc-kept', kept.watching)).toMatchObject({
      lastSequence: 2,
      beats: 3,
      verdict: 'continue',
    });
    expect(await api.session('acc-kept', kept.blocked)).toMatchObject({ verdict: 'stop' });
    expect((await api.beat(kept.blockedTicket, 1)).body).toMatchObject({ verdict: 'stop' });
  };

  it('prints where everything is, and last of all that it is ready', async () => {
    const playhead = await start();
    const lines = playhead.output().trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`Playhead is ready at http://127.0.0.1:${playhead.ports.gateway}`);
    expect(playhead.output()).toContain('development broker');
    expect(playhead.output()).toContain(dataDir);
    expect((await fetch(`${playhead.url}/`)).status).toBe(200);
    const admin = [playhead.ports.gatewayAdmin, playhead.ports.guardAdmin];
    const ready = await Promise.all(admin.map((port) => fetch(`http://127.0.0.1:${port}/health/ready`)));
    expect(ready.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('does the main job, and Ctrl-C ends every process', async () => {
    const playhead = await start();
    const api = new Api(playhead);
    expect((await api.allow('acc-kept', 1)).status).toBe(204);
    const first = await api.start('acc-kept', 'tv-1');
    expect([first.status, first.body['decision']]).toEqual([201, 'allow']);
    const second = await api.start('acc-kept', 'tv-2');
    expect([second.status, second.body['decision'], second.body['usage']]).toEqual([
      409,
      'deny',
      { current: 1, max: 1 },
    ]);
    for (const sequence of [0, 1, 2]) await api.beat(String(first.body['ticket']), sequence);

    const blockedTicket = playhead.token(
      ...viewer('acc-kept', 'tv-3'),
      '--ticket',
      '--content',
      'film-2',
      '--kind',
      'VOD',
    );
    await until(
      'the one that did not ask is stopped',
      async () => (await api.beat(blockedTicket, 0)).body['verdict'] === 'stop',
    );
    const blocked = (JSON.parse(Buffer.from(blockedTicket.split('.')[1]!, 'base64url').toString()) as { s: string }).s;
    kept = { watching: String(first.body['sessionId']), blocked, blockedTicket };
    await until('three beats are counted', async () => (await api.session('acc-kept', kept.watching))['beats'] === 3);
    await expectKept(api);

    const children = childrenOf(playhead.pid);
    expect(children).toHaveLength(CHILDREN);
    expect(await playhead.stop()).toBe(0);
    expect(children.filter(lives)).toEqual([]);
  });

  it('shows everything as before at the next start, and so it does after kill -9 of all processes', async () => {
    const second = await start();
    await expectKept(new Api(second));
    const pids = [second.pid, ...childrenOf(second.pid)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until('all are gone', () => !pids.some(lives));

    // The guard's state lies beside the broker's.
    expect(existsSync(join(dataDir, 'state', 'concurrency-guard', 'process.json'))).toBe(true);
    const third = await start();
    const api = new Api(third);
    await expectKept(api);
    expect((await api.start('acc-kept', 'tv-2')).status).toBeGreaterThanOrEqual(200);
  });

  it('has viewers when it is asked to', async () => {
    const playhead = await start({ SIMULATED_VIEWERS: '20', SIMULATION_SEED: 'test' });
    expect(childrenOf(playhead.pid)).toHaveLength(CHILDREN + 1);
    const operator = playhead.token('--tenant', 'demo', '--role', 'operator');
    const streams = async (account: string): Promise<number> => {
      const response = await fetch(`${playhead.url}/v1/accounts/${account}/streams`, {
        headers: { authorization: `Bearer ${operator}` },
      });
      return ((await response.json()) as { streams: unknown[] }).streams.length;
    };
    const accounts = Array.from({ length: 20 }, (_, i) => `sim-${i + 1}`);
    await until(
      'somebody watches',
      async () => (await Promise.all(accounts.map(streams))).some((count) => count > 0),
      30_000,
    );
    const children = childrenOf(playhead.pid);
    expect(await playhead.stop()).toBe(0);
    expect(children.filter(lives)).toEqual([]);
  });

  it('started again right after kill -9 it said that its ports were in use: by the children of the one before', async () => {
    const { ports, pid, kill } = await start();
    const children = childrenOf(pid);
    await kill();
    const again = await startPlayhead({ dataDir, ports, env: PATIENT });
    running.push(again);
    expect(children).toHaveLength(CHILDREN);
    expect(children.filter(lives)).toEqual([]);
    expect(again.output()).not.toContain('in use');
  });

  it('answers 503 while its broker is dead, and brings broker and services back when they are killed', async () => {
    const playhead = await start();
    const [broker, services] = childrenOf(playhead.pid) as [number, number];
    const api = new Api(playhead);
    const { body } = await api.start('acc-faults', 'tv-1');
    let sequence = 0;
    const beat = async (): Promise<number> => (await api.beat(String(body['ticket']), sequence++)).status;
    expect(await beat()).toBe(200);
    process.kill(broker, 'SIGKILL');
    await until('a beat is stored again', async () => (await beat()) === 200, 30_000);
    process.kill(services, 'SIGKILL');
    await until('the gateway answers again', async () => (await beat().catch(() => 0)) === 200, 30_000);
    expect(playhead.output()).toContain('the broker process ended unexpectedly (SIGKILL); it is started again');
    expect(playhead.output()).toContain('the services process ended unexpectedly (SIGKILL); it is started again');
    expect(await playhead.stop()).toBe(0);
  });
});
