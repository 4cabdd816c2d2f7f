import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Api, ApiAnswer, ApiRequest, SessionEnd } from '@playhead/playhead-client';
import { PlayheadSession, startPlayback } from '@playhead/playhead-client';

const ADMISSION: Api.PlaybackSessionAnswer = {
  sessionId: 's-1',
  ticket: 't-1',
  decision: 'allow',
  checked: true,
  heartbeat: { intervalMs: 10_000, graceMs: 5_000, maxMissed: 3 },
  usage: { current: 1, max: 2 },
  cmcdUrl: '/v1/cmcd',
  serverTime: 0,
};
const answer = (status: number, body?: unknown, retryAfterMs?: number): ApiAnswer => ({ status, body, retryAfterMs });
const goOn = (fields: object = {}) =>
  answer(200, { verdict: 'continue', nextBeatInMs: 10_000, serverTime: 0, ...fields });

describe('PlayheadSession', () => {
  let now: number;
  let sent: (ApiRequest & { readonly at: number })[];
  /** Answers in order; then beats go on. `undefined`: no answer. */
  let answers: (ApiAnswer | undefined)[];
  let due: { call: () => void; at: number } | undefined;
  let ends: SessionEnd[];
  let session: PlayheadSession;

  const transport = {
    send(request: ApiRequest) {
      sent.push({ ...request, at: now });
      const next = answers.length === 0 ? goOn() : answers.shift();
      return next === undefined ? Promise.reject(new Error('no network')) : Promise.resolve(next);
    },
  };
  const make = (startAnew?: () => Promise<Api.PlaybackSessionAnswer | undefined>) =>
    new PlayheadSession({
      transport,
      admission: ADMISSION,
      report: () => ({ state: 'PLAYING', positionMs: now }),
      events: { onStop: (end) => ends.push(end) },
      ...(startAnew === undefined ? {} : { startAnew }),
      now: () => now,
      random: () => 1,
      schedule: (call, ms) => {
        due = { call, at: now + ms };
        return () => (due = undefined);
      },
    });
  /** Lets time pass until `until`. */
  const pass = async (until: number) => {
    await new Promise(setImmediate);
    while (due !== undefined && due.at <= until) {
      const { call, at } = due;
      due = undefined;
      now = at;
      call();
      await new Promise(setImmediate);
    }
    now = until;
  };
  const beats = () => sent.map(({ body, at }) => [(body as { sequence: number }).sequence, at]);

  beforeEach(() => {
    now = 0;
    sent = [];
    answers = [];
    due = undefined;
    ends = [];
    session = make();
  });

  it('beats when the gateway says, with the ticket that it was given last', async () => {
    answers = [goOn({ nextBeatInMs: 4_000 }), goOn({ ticket: 't-2' })];
    session.begin();
    await pass(30_000);
    expect(beats()).toEqual([
      [0, 0],
      [1, 4_000],
      [2, 14_000],
      [3, 24_000],
    ]);
    expect(sent.map(({ headers }) => headers?.['playback-ticket'])).toEqual(['t-1', 't-1', 't-2', 't-2']);
  });

  it('tells the application to stop, with the reason, and beats no more', async () => {
    answers = [goOn(), goOn({ verdict: 'stop', reason: 'concurrency-limit', endedBy: 'operator' })];
    session.begin();
    await pass(60_000);
    expect(sent).toHaveLength(2);
    expect(ends).toEqual([{ cause: 'verdict', reason: 'concurrency-limit', endedBy: 'operator' }]);
  });

  it.each([
    ['no answer', undefined],
    ['503', answer(503)],
  ])('sends a beat again with a growing pause after %s, until the next is due', async (_name, failure) => {
    answers = [goOn(), failure, failure, failure, failure, goOn()];
    session.begin();
    await pass(45_000);
    expect(beats()).toEqual([
      [0, 0],
      [1, 10_000],
      [1, 11_000],
      [1, 13_000],
      [1, 17_000],
      [1, 25_000],
      [2, 35_000],
      [3, 45_000],
    ]);
    expect(ends).toEqual([]);
  });

  it('stops the player when nobody has answered for the missed beats and the grace', async () => {
    answers = [goOn(), ...Array.from({ length: 50 }, () => undefined)];
    session.begin();
    await pass(120_000);
    expect(ends).toEqual([{ cause: 'budget' }]);
    expect(sent.at(-1)!.at).toBeGreaterThanOrEqual(35_000);
    expect(sent.at(-1)!.at).toBeLessThan(60_000);
  });

  it('waits as long as a 429 says, and that uses no budget up', async () => {
    answers = [goOn(), ...Array.from({ length: 6 }, () => answer(429, undefined, 3_000)), goOn()];
    session.begin();
    await pass(40_000);
    expect(beats().slice(1, 4)).toEqual([
      [1, 10_000],
      [1, 13_000],
      [1, 16_000],
    ]);
    expect(ends).toEqual([]);
  });

  it('starts anew once when its ticket is not accepted, and stops when that does not help', async () => {
    session = make(() => Promise.resolve({ ...ADMISSION, sessionId: 's-2', ticket: 't-9' }));
    answers = [goOn(), answer(401), goOn()];
    session.begin();
    await pass(25_000);
    expect(session.sessionId).toBe('s-2');
    expect(
      sent.map(({ headers, body }) => [headers?.['playback-ticket'], (body as { sequence: number }).sequence]),
    ).toEqual([
      ['t-1', 0],
      ['t-1', 1],
      ['t-9', 0],
      ['t-9', 1],
    ]);
    answers = [answer(401), answer(401)];
    await pass(60_000);
    expect(ends).toEqual([{ cause: 'ticket' }]);
  });

  it('frees its slot when the application stops, by a request that outlives the page', async () => {
    session.begin();
    await pass(1_000);
    await session.stop();
    await session.stop();
    await pass(60_000);
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({
      method: 'POST',
      path: '/v1/playback-sessions/s-1/stop?ticket=t-1',
      keepalive: true,
    });
    expect(ends).toEqual([]);
  });

  describe('startPlayback', () => {
    const start = () =>
      startPlayback({ contentId: 'film-1', kind: 'VOD' }, { transport, token: 'jwt', wait: () => Promise.resolve() });

    it.each<[string, (ApiAnswer | undefined)[], string, number]>([
      ['201', [answer(201, ADMISSION)], 'allowed', 1],
      ['409', [answer(409, { decision: 'deny' })], 'denied', 1],
      ['401', [answer(401, {})], 'refused', 1],
      ['400', [answer(400, {})], 'refused', 1],
      ['503, then 201', [answer(503), answer(201, ADMISSION)], 'allowed', 2],
      ['429, then 201', [answer(429, {}, 1), answer(201, ADMISSION)], 'allowed', 2],
      ['no answer', [undefined, undefined, undefined], 'unavailable', 3],
      ['503 for ever', [answer(503), answer(503), answer(503)], 'unavailable', 3],
    ])('%s', async (_name, given, kind, tries) => {
      answers = given;
      expect((await start()).kind).toBe(kind);
      expect(sent).toHaveLength(tries);
    });
  });
});
