import { expect, test } from '@jest/globals';
import { EndToEndLatency, LATENCY_BUCKETS_MS, LatencyHistogram } from '../../src/runtime/end-to-end-latency.ts';
import { RecordTimes } from '../../src/runtime/task/record-times.ts';

const BASE_MS = 1_763_683_200_000;

function timesOf(...timestamps: readonly number[]): RecordTimes {
  const times = new RecordTimes();
  for (const timestamp of timestamps) times.note(timestamp);
  return times;
}

test('has mean, least and greatest age of all records of all turns', () => {
  const latency = new EndToEndLatency();
  expect(latency.summary(BASE_MS)).toBeUndefined();
  latency.note(timesOf(BASE_MS - 10, BASE_MS - 30, BASE_MS - 20), BASE_MS);
  latency.note(timesOf(BASE_MS - 100), BASE_MS);
  expect(latency.summary(BASE_MS)).toEqual({ avgMs: 40, minMs: 10, maxMs: 100 });
});

test('the mean of as many records as a turn may have is exact', () => {
  const latency = new EndToEndLatency();
  const times = new RecordTimes();
  for (let i = 0; i < 100_000; i++) times.note(BASE_MS - 1 - (i % 2) * 2);
  latency.note(times, BASE_MS);
  expect(latency.summary(BASE_MS)).toEqual({ avgMs: 2, minMs: 1, maxMs: 3 });
});

test('forgets what is older than a minute, and nothing younger than half of one', () => {
  const latency = new EndToEndLatency();
  latency.note(timesOf(BASE_MS - 500), BASE_MS);
  latency.note(timesOf(BASE_MS + 29_990), BASE_MS + 30_000);
  expect(latency.summary(BASE_MS + 30_000)).toMatchObject({ maxMs: 500, minMs: 10 });
  expect(latency.summary(BASE_MS + 60_000)).toMatchObject({ maxMs: 10 });
  expect(latency.summary(BASE_MS + 90_000)).toBeUndefined();
});

test('a turn begins with nothing of the last one', () => {
  const times = timesOf(5, 1, 9);
  times.reset();
  times.note(7);
  expect(times).toMatchObject({ count: 1, minMs: 7, maxMs: 7, firstMs: 7, lastMs: 7, sumAfterFirstMs: 0 });
});

test('the histogram counts each record in every bucket that is wide enough, late ones and ones from the future too', () => {
  const histogram = new LatencyHistogram();
  for (const latencyMs of [-5, 1, 3, 1e9]) histogram.record(latencyMs);
  const counts = new Map(histogram.buckets());
  expect([counts.get(1), counts.get(2), counts.get(5), counts.get(60_000), counts.get(Infinity)]).toEqual([
    2, 2, 3, 3, 4,
  ]);
  expect([histogram.count, histogram.totalMs, counts.size]).toEqual([4, 1e9 - 1, LATENCY_BUCKETS_MS.length]);
});
