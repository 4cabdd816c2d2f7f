import { expect, test } from '@jest/globals';
import { registerMetrics } from '../../src/metrics/register-metrics.ts';
import { EPOCH_MS, reportOf } from '../scenario.ts';
import { TaskBench } from '../task-bench.ts';

type Read = () => { readonly values: readonly { readonly value: number }[] };

test('a guard that came to none of the records that waited for it told that none waited', async () => {
  const bench = await TaskBench.open();
  bench.send(reportOf('0 start a tv'));
  // As another process finds it.
  bench.metrics.processed.clear();
  await bench.restart();
  const families = new Map<string, Read>();
  const registry = { registerMetric: ({ name, get }: { name: string; get: Read }) => families.set(name, get) };
  const streams = { tasks: () => [{ inputs: [{ partition: 0, lag: 3 }] }] };
  const sources = { streams, book: bench.book, now: () => EPOCH_MS + 100_000 };
  registerMetrics(registry as never, bench.metrics, sources as never);
  const { values } = families.get('concurrency_guard_oldest_undecided_seconds')?.() ?? { values: [] };
  expect(values).toMatchObject([{ value: 100 }]);
});
