import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiAnswer } from '@playhead/playhead-client';
import { startPlayback } from '@playhead/playhead-client';
import { ADMISSION, answer, goOn, SessionRig } from './support/session-rig.ts';

describe('PlayheadSession', () => {
  let rig: SessionRig;

  beforeEach(() => {
    rig = new SessionRig();
  });

  it('beats when the gateway says, with the ticket that it was given last', async () => {
    rig.answers = [goOn({ nextBeatInMs: 4_000 }), goOn({ ticket: 't-2' })];
    rig.session().begin();
    await rig.pass(30_000);
    expect(rig.beats()).toEqual([
      [0, 0],
      [1, 4_000],
      [2, 14_000],
      [3, 24_000],
    ]);
    expect(rig.sent.map(({ headers }) => headers?.['playback-ticket'])).toEqual(['t-1', 't-1', 't-2', 't-2']);
  });

  it('tells the application to stop, with the reason, and beats no more', async () => {
    rig.answers = [goOn(), goOn({ verdict: 'stop', reason: 'concurrency-limit', endedBy: 'operator' })];
    rig.session().begin();
    await rig.pass(60_000);
    expect(rig.sent).toHaveLength(2);
    expect(rig.ends).toEqual([{ cause: 'verdict', reason: 'concurrency-limit', endedBy: 'operator' }]);
  });

  it.each([
    ['no answer', undefined],
    ['503', answer(503)],
  ])('sends a beat again with a growing pause after %s, until the next is due', async (_name, failure) => {
    rig.answers = [goOn(), failure, failure, failure, failure, goOn()];
    rig.session().begin();
    await rig.pass(45_000);
    expect(rig.beats()).toEqual([
      [0, 0],
      [1, 10_000],
      [1, 11_000],
      [1, 13_000],
      [1, 17_000],
      [1, 25_000],
      [2, 35_000],
      [3, 45_000],
    ]);
    expect(rig.ends).toEqual([]);
  });

  it('stops the player when nobody has answered for the missed beats and the grace', async () => {
    rig.answers = [goOn(), ...Array.from({ length: 50 }, () => undefined)];
    rig.session().begin();
    await rig.pass(120_000);
    expect(rig.ends).toEqual([{ cause: 'budget' }]);
    expect(rig.sent.at(-1)!.at).toBeGreaterThanOrEqual(35_000);
    expect(rig.sent.at(-1)!.at).toBeLessThan(60_000);
  });

  it('waits as long as a 429 says, and that uses no budget up', async () => {
    rig.answers = [goOn(), ...Array.from({ length: 6 }, () => answer(429, undefined, 3_000)), goOn()];
    rig.session().begin();
    await rig.pass(40_000);
    expect(rig.beats().slice(1, 4)).toEqual([
      [1, 10_000],
      [1, 13_000],
      [1, 16_000],
    ]);
    expect(rig.ends).toEqual([]);
  });

  it('starts anew once when its ticket is not accepted, and stops when that does not help', async () => {
    const session = rig.session({
      startAnew: () => Promise.resolve({ ...ADMISSION, sessionId: 's-2', ticket: 't-9' }),
    });
    rig.answers = [goOn(), answer(401), goOn()];
    session.begin();
    await rig.pass(25_000);
    expect(session.sessionId).toBe('s-2');
    expect(
      rig.sent.map(({ headers, body }) => [headers?.['playback-ticket'], (body as { sequence: number }).sequence]),
    ).toEqual([
      ['t-1', 0],
      ['t-1', 1],
      ['t-9', 0],
      ['t-9', 1],
    ]);
    rig.answers = [answer(401), answer(401)];
    await rig.pass(60_000);
    expect(rig.ends).toEqual([{ cause: 'ticket' }]);
  });

  it('frees its slot when the application stops, by a request that outlives the page', async () => {
    const session = rig.session();
    session.begin();
    await rig.pass(1_000);
    await session.stop();
    await session.stop();
    await rig.pass(60_000);
    expect(rig.sent).toHaveLength(2);
    expect(rig.sent[1]).toMatchObject({
      method: 'POST',
      path: '/v1/playback-sessions/s-1/stop?ticket=t-1',
      keepalive: true,
    });
    expect(rig.ends).toEqual([]);
  });

  describe('startPlayback', () => {
    const start = () =>
      startPlayback(
        { contentId: 'film-1', kind: 'VOD' },
        { transport: rig, token: 'jwt', wait: () => Promise.resolve() },
      );

    it.each<[string, (ApiAnswer | undefined)[], string, number]>([
      ['201', [answer(201, ADMISSION)], 'allowed', 1],
      ['409', [answer(409, { decision: 'deny' })], 'denied', 1],
      ['409 of somebody else, which was a denial without conflicts', [answer(409, '<html>')], 'refused', 1],
      ['401', [answer(401, {})], 'refused', 1],
      ['400', [answer(400, {})], 'refused', 1],
      ['503, then 201', [answer(503), answer(201, ADMISSION)], 'allowed', 2],
      ['429, then 201', [answer(429, {}, 1), answer(201, ADMISSION)], 'allowed', 2],
      ['200 of somebody else, then 201', [answer(200, '<html>'), answer(201, ADMISSION)], 'allowed', 2],
      ['no answer', [undefined, undefined, undefined], 'unavailable', 3],
      ['503 for ever', [answer(503), answer(503), answer(503)], 'unavailable', 3],
    ])('%s', async (_name, given, kind, tries) => {
      rig.answers = given;
      expect((await start()).kind).toBe(kind);
      expect(rig.sent).toHaveLength(tries);
    });

    it.each(['<html>', undefined])('the problem of a refusal was whatever a proxy had said: %s', async (body) => {
      rig.answers = [answer(403, body)];
      expect(await start()).toEqual({ kind: 'refused', problem: undefined });
      const problem = { type: '/problems/forbidden', title: 'Forbidden', status: 403 };
      rig.answers = [answer(403, problem)];
      expect(await start()).toEqual({ kind: 'refused', problem });
    });
  });
});
