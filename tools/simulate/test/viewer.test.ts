import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRandom } from '../src/random.ts';
import { TITLES } from '../src/catalogue.ts';
import { Viewer } from '../src/viewer.ts';
import type { BeatBody, EventBody, ViewerAction } from '../src/viewer-actions.ts';

const START_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const INTERVAL_MS = 10_000;

/** One session as a gateway would see it. */
interface Seen {
  readonly contentId: string;
  readonly beats: BeatBody[];
  readonly events: EventBody[];
  stopped: boolean;
}

/** What the gateway says: to a start whether it may be, to a beat the verdict. */
interface Script {
  readonly allow?: (start: number) => boolean;
  readonly verdict?: (session: Seen) => string;
}

/** Lets a viewer live in virtual time against a gateway that answers at once. */
function live(seed: string, durationMs: number, script: Script = {}) {
  const viewer = new Viewer(createRandom(seed), START_MS);
  const sessions: Seen[] = [];
  const log: string[] = [];
  let starts = 0;
  let denied = 0;
  let now = START_MS;
  const take = (action: ViewerAction): void => {
    log.push(`${Math.round(now - START_MS)} ${JSON.stringify(action)}`);
    const session = sessions.at(-1);
    if (action.type === 'start') {
      if (script.allow?.(starts++) === false) {
        denied++;
        viewer.refused(5_000, now);
        return;
      }
      sessions.push({ contentId: action.body.contentId, beats: [], events: [], stopped: false });
      for (const first of viewer.admitted({ intervalMs: INTERVAL_MS }, now)) take(first);
    } else if (action.type === 'events') {
      session?.events.push(...action.body);
    } else if (action.type === 'stop') {
      if (session !== undefined) session.stopped = true;
    } else if (session !== undefined) {
      session.beats.push(action.body);
      viewer.answered(script.verdict?.(session) ?? 'continue', INTERVAL_MS, now);
    }
  };
  while (viewer.nextAtMs <= START_MS + durationMs) {
    now = Math.max(now, viewer.nextAtMs);
    for (const action of viewer.step(now)) take(action);
  }
  return { viewer, sessions, log, starts, denied };
}

const durationOf = (contentId: string): number =>
  TITLES.find((title) => title.contentId === contentId)?.durationMs ?? 0;

describe('a simulated viewer', () => {
  it('does the same for the same seed, and something else for another', () => {
    const run = (seed: string): string => live(seed, HOUR_MS).log.join('\n');
    expect(run('a')).toBe(run('a'));
    expect(run('a')).not.toBe(run('b'));
  });

  it('watches as a player would, whatever the seed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), (seed) => {
        for (const { contentId, beats, events } of live(seed, HOUR_MS).sessions) {
          const durationMs = durationOf(contentId);
          expect(beats.map(({ sequence }) => sequence)).toEqual(beats.map((_, i) => i));
          expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i));
          expect(events[0]?.type).toBe('PLAY');
          for (const { positionMs } of [...beats, ...events]) {
            expect(Number.isInteger(positionMs)).toBe(true);
            expect(positionMs).toBeGreaterThanOrEqual(0);
            if (durationMs >= 0) expect(positionMs).toBeLessThanOrEqual(durationMs);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('beats each interval, a little early or late', () => {
    const { sessions } = live('beats', HOUR_MS);
    const gaps = sessions.flatMap(({ beats }) =>
      beats.slice(1).map(({ sentAt, state }, i) => ({ state, gap: sentAt - beats[i]!.sentAt })),
    );
    const regular = gaps.filter(({ state }) => state !== 'ENDED');
    expect(regular.length).toBeGreaterThan(100);
    for (const { gap } of regular) {
      expect(gap).toBeGreaterThanOrEqual(INTERVAL_MS * 0.95 - 1);
      expect(gap).toBeLessThanOrEqual(INTERVAL_MS * 1.05 + 1);
    }
  });

  it('moves its playhead while it plays, and only then', () => {
    const { sessions } = live('playhead', 4 * HOUR_MS);
    const pairs = sessions.flatMap(({ beats, events }) =>
      beats.slice(1).map((beat, i) => ({
        before: beats[i]!,
        beat,
        between: events.filter(({ sentAt }) => sentAt > beats[i]!.sentAt && sentAt <= beat.sentAt),
      })),
    );
    const still = pairs.filter(
      ({ before, beat, between }) => before.state === 'PAUSED' && beat.state === 'PAUSED' && between.length === 0,
    );
    const moving = pairs.filter(
      ({ before, beat, between }) => before.state === 'PLAYING' && beat.state === 'PLAYING' && between.length === 0,
    );
    expect(still.length).toBeGreaterThan(0);
    expect(still.map(({ before, beat }) => beat.positionMs - before.positionMs)).toEqual(still.map(() => 0));
    for (const { before, beat } of moving) {
      expect(Math.abs(beat.positionMs - before.positionMs - (beat.sentAt - before.sentAt))).toBeLessThanOrEqual(2);
    }
  });

  it('does over a day everything that viewers do', () => {
    const { sessions } = live('everything', 24 * HOUR_MS);
    const types = new Set(sessions.flatMap(({ events }) => events.map(({ type }) => type)));
    for (const type of [
      'PLAY',
      'FIRST_FRAME',
      'PAUSE',
      'RESUME',
      'SEEK',
      'REBUFFER_START',
      'REBUFFER_END',
      'BITRATE',
      'ERROR',
      'QUARTILE',
    ]) {
      expect(types).toContain(type);
    }
    const crashed = sessions.slice(0, -1).filter(({ stopped }) => !stopped);
    expect(crashed.length).toBeGreaterThan(0);
    expect(crashed.length).toBeLessThan(sessions.length / 2);
  });

  it('tries again later after a refusal', () => {
    const { starts, denied, sessions } = live('denied', HOUR_MS, { allow: (start) => start >= 3 });
    expect([denied, starts - denied]).toEqual([3, sessions.length]);
    expect(sessions.length).toBeGreaterThan(0);
  });

  it('sends nothing more for a session that was told to stop', () => {
    const { sessions } = live('stopped', HOUR_MS, {
      verdict: ({ beats }) => (beats.length === 3 ? 'stop' : 'continue'),
    });
    expect(Math.max(...sessions.map(({ beats }) => beats.length))).toBe(3);
    expect(sessions.length).toBeGreaterThan(3);
  });

  it('beats when the gateway wants it, not when it did before', () => {
    const viewer = new Viewer(createRandom('interval'), 0);
    viewer.step(0);
    viewer.admitted({ intervalMs: 1_000_000 }, 0);
    viewer.answered('continue', 2_000, 0);
    let beats = 0;
    while (viewer.state === 'watching' && viewer.nextAtMs < 60_000) {
      const now = viewer.nextAtMs;
      for (const { type } of viewer.step(now)) {
        if (type !== 'beat') continue;
        beats++;
        viewer.answered('continue', 2_000, now);
      }
    }
    expect(beats).toBeGreaterThan(2);
  });

  it('does nothing after it has left', () => {
    const { viewer } = live('leave', HOUR_MS);
    viewer.leave();
    expect([viewer.nextAtMs, viewer.step(START_MS + 2 * HOUR_MS)]).toEqual([Infinity, []]);
  });
});
