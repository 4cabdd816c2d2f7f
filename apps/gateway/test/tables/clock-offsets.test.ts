import { describe, expect, it } from '@jest/globals';
import { eventSchema, heartbeatSchema } from '../../src/contract/body-schemas.ts';
import { ClockOffsets, correctedTime, LARGEST_TIME_MS } from '../../src/tables/clock-offsets.ts';

describe('ClockOffsets', () => {
  it('takes the least of the last eight differences, so that delays do not count as offset', () => {
    const offsets = new ClockOffsets({ maxSessions: 10 });
    expect(offsets.measure('a', 1000, 1400)).toBe(400);
    expect(offsets.measure('a', 2000, 2050)).toBe(50);
    expect(offsets.measure('a', 3000, 63_000)).toBe(50);
  });

  it('believes a clock that was set back after eight requests', () => {
    const offsets = new ClockOffsets({ maxSessions: 10 });
    offsets.measure('a', 10_000, 10_050);
    const measured = Array.from({ length: 8 }, (_, n) => offsets.measure('a', 1000 + n, 11_000 + n));
    expect(measured).toEqual([50, 50, 50, 50, 50, 50, 50, 10_000]);
  });

  it('forgets the session that came first when it is full', () => {
    const offsets = new ClockOffsets({ maxSessions: 2 });
    offsets.measure('a', 0, 10);
    offsets.measure('b', 0, 10);
    offsets.measure('c', 0, 10);
    expect(offsets.size).toBe(2);
    expect(offsets.measure('a', 0, 500)).toBe(500);
  });
});

describe('the largest time from outside', () => {
  it('differs from any time of ours by what Avro writes exactly, and is the bound of native reports', () => {
    expect(LARGEST_TIME_MS + Date.UTC(9999, 11)).toBeLessThan(2 ** 52);
    for (const { properties } of [heartbeatSchema, eventSchema]) {
      expect(properties?.['sentAt']?.maximum).toBe(LARGEST_TIME_MS);
    }
  });
});

describe('correctedTime', () => {
  const received = 100_000_000_000;

  it.each([
    ['a clock that is behind', received - 60_000, 60_000, received],
    ['an event that waited', received - 30_000, 0, received - 30_000],
    ['a time in the future', received + 5000, 0, received],
    ['a time before yesterday', 0, 0, received - 86_400_000],
  ])('corrects %s', (_name, clientTime, offset, expected) => {
    expect(correctedTime(clientTime, offset, received)).toEqual({ eventTime: expected, clockOffsetMs: offset });
  });
});
