import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Api, PlayheadSession } from '@playhead/playhead-client';
import { ADMISSION, answer, goOn, SessionRig } from './support/session-rig.ts';

describe('PlayheadSession in trouble', () => {
  let rig: SessionRig;
  let said: unknown[];
  const onError = (error: unknown): void => void said.push(error);

  beforeEach(() => {
    rig = new SessionRig();
    said = [];
  });
  afterEach(() => void jest.restoreAllMocks());

  it.each([
    ['a page', '<html>Sign in to the network</html>'],
    ['nothing', undefined],
    ['null', null],
  ])(
    '200 with %s instead of a verdict ended the beats, or sent them without a pause: it is no answer',
    async (_, body) => {
      rig.answers = [goOn(), answer(200, body), goOn()];
      rig.session().begin();
      await rig.pass(25_000);
      expect(rig.beats()).toEqual([
        [0, 0],
        [1, 10_000],
        [1, 11_000],
        [2, 21_000],
      ]);
    },
  );

  it.each([
    ['0', 0, 10_000],
    ['a negative one', -5, 10_000],
    ['none', undefined, 10_000],
    ['NaN', Number.NaN, 10_000],
    ['1 ms', 1, 500],
    ['more than a timer takes', 2 ** 31, 3_600_000],
  ])('the time of the next beat was taken as it was told: %s', async (_name, nextBeatInMs, at) => {
    rig.answers = [goOn({ nextBeatInMs })];
    rig.session().begin();
    await rig.pass(0);
    expect(rig.beats()).toHaveLength(1);
    expect(rig.due?.at).toBe(at);
  });

  it('Retry-After: 0 sent a beat again without a pause', async () => {
    rig.answers = [answer(429, undefined, 0)];
    rig.session().begin();
    await rig.pass(0);
    expect(rig.due?.at).toBe(500);
  });

  it.each([
    ['429s', answer(429, undefined, 3_000)],
    ['400s', answer(400)],
  ])('a network that failed after some %s was waited for as if it had failed each time', async (_name, busy) => {
    rig.answers = [goOn(), ...Array.from({ length: 6 }, () => busy), undefined, goOn()];
    rig.session().begin();
    await rig.pass(90_000);
    const failedAt = rig.sent[7]!.at;
    expect(rig.sent[8]!.at).toBe(failedAt + 1_000);
  });

  it('a beat came before the Retry-After of a 503', async () => {
    rig.answers = [answer(503, undefined, 4_000)];
    rig.session().begin();
    await rig.pass(5_000);
    expect(rig.beats()).toEqual([
      [0, 0],
      [0, 4_000],
    ]);
  });

  it('a device that had slept was told to stop, because the network came back after its timers', async () => {
    rig.answers = [goOn(), undefined, undefined, goOn()];
    rig.session().begin();
    await rig.pass(5_000);
    rig.now = 3_600_000;
    await rig.fire();
    await rig.pass(3_620_000);
    expect(rig.beats().map(([sequence]) => sequence)).toEqual([0, 1, 1, 1, 2]);
    expect(rig.ends).toEqual([]);
  });

  it('a device that fell asleep while a beat was under way was told to stop', async () => {
    rig.answers = [goOn()];
    const session = rig.session({
      transport: {
        send: (request) => {
          if (rig.now === 10_000) rig.now = 3_600_000;
          return rig.now === 3_600_000 && rig.sent.length === 1
            ? rig.send(request).then(() => Promise.reject(new Error('aborted')))
            : rig.send(request);
        },
      },
    });
    session.begin();
    await rig.pass(3_620_000);
    expect(rig.ends).toEqual([]);
    expect(rig.beats().at(-1)).toEqual([2, 3_611_000]);
  });

  it('the budget was of the wall clock, which somebody may set', async () => {
    let monotonicMs = 0;
    rig.answers = [goOn(), ...Array.from({ length: 50 }, () => undefined)];
    rig
      .session({
        now: () => 1e12 - monotonicMs * 1_000,
        monotonicMs: () => monotonicMs,
        schedule: (call, ms) => {
          rig.due = { call, at: (monotonicMs += ms) };
          return () => (rig.due = undefined);
        },
      })
      .begin();
    for (let beats = 0; beats < 20; beats++) await rig.pass(Number.POSITIVE_INFINITY);
    expect(rig.ends).toEqual([{ cause: 'budget' }]);
  });

  it('under load, when beats are asked for more rarely, the first that failed stopped the player', async () => {
    rig.answers = [goOn({ nextBeatInMs: 33_000 }), undefined, undefined, undefined, goOn()];
    rig.session().begin();
    await rig.pass(45_000);
    expect(rig.beats()).toEqual([
      [0, 0],
      [1, 33_000],
      [1, 34_000],
      [1, 36_000],
      [1, 40_000],
    ]);
    expect(rig.ends).toEqual([]);
  });

  it.each(['onWarn', 'onFailure'] as const)('a listener of %s that threw ended the beats', async (name) => {
    const failed = new Error('of the application');
    rig.answers = name === 'onWarn' ? [goOn({ verdict: 'warn' })] : [answer(400)];
    rig
      .session({
        events: {
          onStop: () => undefined,
          onError,
          [name]: () => {
            throw failed;
          },
        },
      })
      .begin();
    await rig.pass(20_000);
    expect(rig.beats()).toHaveLength(3);
    expect(said).toEqual([failed]);
  });

  it('an onError that threw ended the beats', async () => {
    // In place of the platform, which reports what a microtask throws as an uncaught error.
    const reported: unknown[] = [];
    jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((call) => {
      try {
        call();
      } catch (error) {
        reported.push(error);
      }
    });
    const failed = new Error('of the application');
    rig.answers = [goOn({ verdict: 'warn' }), goOn(), goOn({ verdict: 'stop' })];
    const throwing = (): void => {
      throw failed;
    };
    rig.session({ events: { onStop: (end) => rig.ends.push(end), onWarn: throwing, onError: throwing } }).begin();
    await rig.pass(20_000);
    expect(rig.beats()).toHaveLength(3);
    expect(rig.ends).toEqual([{ cause: 'verdict' }]);
    expect(reported).toEqual([failed]);
  });

  it('a report that threw ended the beats; while it throws the budget is used', async () => {
    const failed = new Error('no player');
    let throws = true;
    const report = (): never | Omit<Api.Heartbeat, 'sequence' | 'sentAt'> => {
      if (throws) throw failed;
      return { state: 'PLAYING', positionMs: 0 };
    };
    rig.session({ report, events: { onStop: (end) => rig.ends.push(end), onError } }).begin();
    await rig.pass(2_999);
    expect(said).toEqual([failed, failed]);
    throws = false;
    await rig.pass(10_000);
    expect(rig.beats()).toEqual([[0, 3_000]]);
    throws = true;
    await rig.pass(100_000);
    expect(rig.ends).toEqual([{ cause: 'budget' }]);
  });

  it.each(['onWarn', 'onFailure'] as const)(
    'a stop from within %s left a timer, and a beat came after it',
    async (name) => {
      rig.answers = name === 'onWarn' ? [goOn({ verdict: 'warn' })] : [undefined];
      const session: PlayheadSession = rig.session({
        events: { onStop: () => undefined, [name]: () => void session.stop() },
      });
      session.begin();
      await rig.pass(60_000);
      expect(rig.sent.map(({ path }) => path)).toEqual(['/v1/heartbeats', '/v1/playback-sessions/s-1/stop?ticket=t-1']);
      expect(rig.due).toBeUndefined();
    },
  );

  it('a stop from within the report sent that beat behind it', async () => {
    const session: PlayheadSession = rig.session({
      report: () => {
        void session.stop();
        return { state: 'ENDED', positionMs: 0 };
      },
    });
    session.begin();
    await rig.pass(60_000);
    expect(rig.sent.map(({ path }) => path)).toEqual(['/v1/playback-sessions/s-1/stop?ticket=t-1']);
  });

  it('a session that began twice beat twice, and one that was stopped beat once more', async () => {
    const session = rig.session();
    session.begin();
    session.begin();
    await rig.pass(15_000);
    expect(rig.beats()).toHaveLength(2);
    await session.stop();
    session.begin();
    await rig.pass(60_000);
    expect(rig.beats()).toHaveLength(2);
  });

  it('a session that was admitted anew after the stop kept its slot', async () => {
    const admitted = Promise.withResolvers<Api.PlaybackSessionAnswer>();
    rig.answers = [answer(401)];
    const session = rig.session({ startAnew: () => admitted.promise });
    session.begin();
    await rig.pass(1_000);
    await session.stop();
    admitted.resolve({ ...ADMISSION, sessionId: 's-2', ticket: 't-2' });
    await rig.pass(60_000);
    expect(rig.sent.at(-1)).toMatchObject({
      path: '/v1/playback-sessions/s-2/stop?ticket=t-2',
      keepalive: true,
    });
    expect(rig.beats()).toHaveLength(1);
    expect(rig.ends).toEqual([]);
  });

  it('nobody was shown the ticket that answers renew, so that events failed a day after the start', async () => {
    rig.answers = [goOn({ ticket: 't-2' })];
    const session = rig.session();
    session.begin();
    await rig.pass(1_000);
    expect(session.ticket).toBe('t-2');
  });
});
