import { describe, expect, it } from '@jest/globals';
import { RequestCounters } from '../../src/metrics/request-counters.ts';
import { CounterFamily, Gauge, registerMetrics } from '../../src/metrics/typed-metrics.ts';
import type { MetricsRegistry } from '../../src/metrics/typed-metrics.ts';

describe('CounterFamily', () => {
  it('counts each word and shows all of them, the ones at 0 too', () => {
    const family = new CounterFamily({ name: 'x_total', help: 'X.', label: 'kind', words: ['a', 'b'] });
    family.add('b');
    family.add('b', 4);
    expect(family.value('b')).toBe(5);
    expect(family.get()).toEqual({
      name: 'x_total',
      help: 'X.',
      type: 'counter',
      aggregator: 'sum',
      values: [
        { value: 0, labels: { kind: 'a' } },
        { value: 5, labels: { kind: 'b' } },
      ],
    });
  });

  it('adds no series for a word that it does not know', () => {
    const family = new CounterFamily<string>({ name: 'x_total', help: 'X.', label: 'kind', words: ['a'] });
    family.add('c');
    expect(family.get().values).toHaveLength(1);
    expect(family.value('c')).toBe(0);
  });
});

describe('RequestCounters', () => {
  it('counts by route and status and shows what was answered', () => {
    const requests = new RequestCounters();
    const beats = { method: 'POST', path: '/v1/heartbeats' } as const;
    requests.count(beats, 200);
    requests.count(beats, 200);
    requests.count(beats, 503);
    expect(requests.get().values).toEqual([
      { value: 2, labels: { route: 'POST /v1/heartbeats', status: '200' } },
      { value: 1, labels: { route: 'POST /v1/heartbeats', status: '503' } },
    ]);
  });
});

describe('registerMetrics', () => {
  it('gives a registry metrics that it can read at any time', () => {
    const registered: Gauge[] = [];
    const registry = { registerMetric: (metric: unknown) => void registered.push(metric as Gauge) };
    let size = 1;
    registerMetrics(registry as unknown as MetricsRegistry, [
      new Gauge({ name: 'size', help: 'Size.', read: () => size }),
    ]);
    size = 7;
    expect(registered[0]?.get().values).toEqual([{ value: 7, labels: {} }]);
  });
});
