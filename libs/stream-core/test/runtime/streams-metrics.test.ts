import { describe, expect, test } from '@jest/globals';
import { DROP_REASONS } from '../../src/processor/drop-reason.ts';
import { counterSamples, LatencyCounter, StreamsCounters } from '../../src/runtime/streams-metrics.ts';
import { streamsSamples } from '../../src/runtime/streams-report.ts';

describe('metrics', () => {
  test('have mean and greatest durations', () => {
    const latency = new LatencyCounter();
    expect([latency.averageMs, latency.maxMs]).toEqual([0, 0]);
    for (const durationMs of [2, 10, 3]) latency.record(durationMs);
    expect([latency.count, latency.averageMs, latency.maxMs]).toEqual([3, 5, 10]);
  });

  test('show dropped records by reason, those of tasks that left and of tasks that are here', () => {
    const counters = new StreamsCounters();
    counters.drop('production-error');
    counters.absorb({ deadLetters: 1, dropped: new Map([['null-key', 2]] as const) });
    const here = { deadLetters: 2, dropped: new Map([['null-key', 3]] as const) };
    const shown = [...counterSamples(counters.withTasks([here]))];
    const dropped = shown.filter(({ name }) => name === 'dropped-records-total');
    const byReason = Object.fromEntries(dropped.map(({ labels, value }) => [labels['reason'], value]));
    expect(byReason).toMatchObject({ 'production-error': 1, 'null-key': 5, 'late-record': 0 });
    expect(Object.keys(byReason)).toEqual(DROP_REASONS);
    expect(shown.find(({ name }) => name === 'dead-letter-total')?.value).toBe(3);
    expect(counters.dropped.get('null-key')).toBe(2);
  });

  test('count the records of global tables that have no key', () => {
    const instance = {
      started: { tasks: { all: [] }, standbys: { all: [] }, globalStores: { dropped: 2 } },
      producer: { bufferedBytes: 0, position: 0 },
      changelogs: { progress: () => [] },
    };
    const samples = [...streamsSamples('RUNNING', new StreamsCounters(), instance as never)];
    expect(samples.find(({ name, value }) => name === 'dropped-records-total' && value > 0)).toMatchObject({
      labels: { reason: 'null-key' },
      value: 2,
    });
  });

  test('say since when state cannot be reached, and how often that was found', () => {
    const counters = new StreamsCounters();
    const shown = (): (number | undefined)[] => {
      const samples = new Map(
        [...streamsSamples('RUNNING', counters, undefined)].map(({ name, value }) => [name, value]),
      );
      return ['state-away-since-ms', 'state-away-failures-total'].map((name) => samples.get(name));
    };
    expect(shown()).toEqual([0, 0]);
    counters.outages.failed('0_1', 1_000);
    counters.outages.failed('0_1', 2_000);
    counters.outages.failed('0_0', 3_000);
    expect([shown(), counters.outages.sinceMs('0_0')]).toEqual([[1_000, 3], 3_000]);
    counters.outages.ended('0_1');
    expect([shown(), counters.outages.sinceMs('0_1')]).toEqual([[3_000, 3], undefined]);
    counters.outages.ended('0_0');
    expect(shown()).toEqual([0, 3]);
  });

  test('show the present state as 1 and every other as 0', () => {
    const states = [...streamsSamples('RUNNING', new StreamsCounters(), undefined)].filter(
      ({ name }) => name === 'state',
    );
    expect(Object.fromEntries(states.map(({ labels, value }) => [labels['state'], value]))).toEqual({
      CREATED: 0,
      REBALANCING: 0,
      RUNNING: 1,
      PENDING_SHUTDOWN: 0,
      NOT_RUNNING: 0,
      PENDING_ERROR: 0,
      ERROR: 0,
    });
  });

  test('have a name once each, apart from their labels', () => {
    const samples = [...streamsSamples('CREATED', new StreamsCounters(), undefined)];
    const identities = samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`);
    expect(new Set(identities).size).toBe(identities.length);
    for (const { description, group } of samples) expect([description, group]).not.toContain('');
  });
});
