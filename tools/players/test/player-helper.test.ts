import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { HttpTransport, PlayheadApi, PlayheadSession, startPlayback } from '@playhead/playhead-client';
import type { SessionEnd } from '@playhead/playhead-client';
import { PATIENT, type PlayheadProcess, startPlayhead } from '@playhead/start/testing';

const TEST_TIMEOUT_MS = 60_000;
let playhead: PlayheadProcess;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'playhead-helper-'));
  playhead = await startPlayhead({ dataDir, env: { ...PATIENT, HEARTBEAT_INTERVAL_MS: '1000' } });
}, TEST_TIMEOUT_MS);
afterAll(async () => {
  await playhead?.stop();
  await rm(dataDir, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

/** Every letter that a path would take for something else. */
const ACCOUNT = 'ä/%2F#?';

it(
  'the player helper at a gateway: one stream is admitted, a second is not until the first has ended, by its own stop or an operator',
  async () => {
    const transport = new HttpTransport(playhead.url);
    const api = new PlayheadApi(transport);
    const identity = ['--tenant', 'demo', '--account', ACCOUNT, '--profile', 'p-1'];
    const token = (device: string, role: string): string =>
      playhead.token(...identity, '--device', device, '--role', role);
    const headers = { authorization: `Bearer ${token('desk', 'operator')}` };
    const set = await api.putEntitlement({ account: ACCOUNT, body: { plan: 'single', maxStreams: 1 }, headers });
    expect(set.status).toBe(204);

    const ends: SessionEnd[] = [];
    const told = new Map<string, Promise<void>>();
    const begin = async (device: string): Promise<PlayheadSession | undefined> => {
      const given = { transport, token: token(device, 'viewer') };
      const outcome = await startPlayback({ contentId: 'film-1', kind: 'VOD' }, given);
      if (outcome.kind !== 'allowed') {
        expect(outcome.kind).toBe('denied');
        return undefined;
      }
      const stopped = Promise.withResolvers<void>();
      told.set(outcome.session.sessionId, stopped.promise);
      const session = new PlayheadSession({
        transport,
        admission: outcome.session,
        report: () => ({ state: 'PLAYING', positionMs: 0 }),
        events: {
          onStop: (end) => {
            ends.push(end);
            stopped.resolve();
          },
        },
      });
      session.begin();
      return session;
    };

    const first = await begin('tv-1');
    expect(await begin('tablet-1')).toBeUndefined();
    await first!.stop();
    const second = await begin('tablet-1');
    expect(await begin('tv-1')).toBeUndefined();
    const { sessionId } = second!;
    await api.deletePlaybackSession({ session: sessionId, query: { account: ACCOUNT }, headers });
    await told.get(sessionId);
    expect(ends).toMatchObject([{ cause: 'verdict', endedBy: 'operator' }]);
    const third = await begin('tv-1');
    await third!.stop();
  },
  TEST_TIMEOUT_MS,
);
