import { describe, expect, it } from '@jest/globals';
import { LiveStreams } from '../../src/tables/live-streams.ts';

/** The beginning of a generation. */
const START = 15_000_000_000;
const report = (now: number, fields: object = {}) => ({ beats: 1, stopped: false, now, ...fields });

describe('LiveStreams', () => {
  it('counts a stream once and for 15 to 30 s', () => {
    const live = new LiveStreams({ maxSessions: 100 });
    live.reported('demo', 'a', report(START));
    live.reported('demo', 'a', report(START + 10_000));
    live.reported('demo', 'b', report(START + 10_000));
    expect(live.of('demo', START + 14_000).liveStreams).toBe(2);
    live.reported('demo', 'b', report(START + 20_000));
    expect(live.of('demo', START + 29_000).liveStreams).toBe(2);
    expect(live.of('demo', START + 30_000).liveStreams).toBe(1);
    expect(live.of('demo', START + 90_000).liveStreams).toBe(0);
  });

  it('counts those that were told to stop apart, and none that ended', () => {
    const live = new LiveStreams({ maxSessions: 100 });
    live.reported('demo', 'a', report(START, { stopped: true }));
    live.reported('demo', 'b', report(START));
    live.ended('demo', 'b', START);
    expect(live.of('demo', START)).toMatchObject({ liveStreams: 0, blockedStreams: 1 });
    live.refused('demo', START);
    expect(live.of('demo', START + 1000)).toMatchObject({ blockedStreams: 2, refusedStarts: 1 });
  });

  it('counts beats by the second and starts refused by the minute', () => {
    const live = new LiveStreams({ maxSessions: 100 });
    for (let second = 0; second < 5; second++) live.reported('demo', 'a', report(START + second * 1000, { beats: 10 }));
    live.refused('demo', START);
    const figures = live.of('demo', START + 5000);
    expect(figures.beatsPerSecond).toBe(10);
    expect(figures.history).toHaveLength(60);
    expect(figures.history.slice(-6)).toEqual([0, 10, 10, 10, 10, 10]);
    expect(figures.refusedStarts).toBe(1);
    expect(live.of('demo', START + 61_000)).toMatchObject({ beatsPerSecond: 0, refusedStarts: 0 });
  });

  it('keeps tenants apart and remembers no more sessions than it may', () => {
    const live = new LiveStreams({ maxSessions: 3 });
    for (const session of ['a', 'b', 'c', 'd', 'e']) live.reported('demo', session, report(START));
    expect(live.of('demo', START).liveStreams).toBe(3);
    expect(live.of('other', START).liveStreams).toBe(0);
  });

  it('sees a stream stop when it remembers as many as it may', () => {
    const live = new LiveStreams({ maxSessions: 1 });
    live.reported('demo', 'a', report(START));
    live.reported('demo', 'a', report(START, { stopped: true }));
    expect(live.of('demo', START)).toMatchObject({ liveStreams: 0, blockedStreams: 1 });
  });

  it('remembers no more tenants than it may', () => {
    const live = new LiveStreams({ maxSessions: 2 });
    for (const tenant of ['a', 'b', 'c']) live.reported(tenant, 's', report(START));
    expect(['c', 'b', 'a'].map((tenant) => live.of(tenant, START).liveStreams)).toEqual([1, 1, 0]);
  });
});
