/** What at_least_once does not promise, as docs/decisions/0004 says: that these gaps are there, and that exactly_once has none of them. */
import { describe, expect, test } from '@jest/globals';
import type { KGroupedStream, KTable, Topology, Windowed } from '@playhead/stream-core';
import { SessionWindows, SlidingWindows, StreamsBuilder, TimeWindows, serdes } from '@playhead/stream-core';
import type { TopologyTestDriverOptions } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const TEXT = { key: serdes.string, value: serdes.string };
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

interface Script {
  readonly times: readonly number[];
  /** Records that are. */
  readonly committed: number;
  readonly duringCommit?: boolean | undefined;
}

type Windows = (grouped: KGroupedStream<string, string>) => KTable<Windowed<string>, number>;

function build(windows: Windows): Topology {
  const builder = new StreamsBuilder();
  windows(builder.stream<string, string>('in', TEXT).groupByKey(TEXT))
    .toStream()
    .map((value, key) => ({ key: String(key), value: String(value) }))
    .to('out', TEXT);
  return builder.build();
}

/** A record of each time, with a commit after the first ones; the others come again after a crash. */
function run(
  topology: Topology,
  { times, committed, duringCommit }: Script,
  options: TopologyTestDriverOptions,
): TopologyTestDriver {
  const driver = new TopologyTestDriver(topology, { commitInterval: { records: Infinity }, ...options });
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  for (const [index, timestamp] of times.entries()) {
    input.pipeInput('v', 'k', timestamp);
    if (index === committed - 1) driver.commit();
  }
  if (options.seed !== undefined) driver.crash({ duringCommit });
  driver.commit();
  return driver;
}

/** Output by key, the greatest of each: what a reader that does not mind repeats has at the end. */
function greatest(driver: TopologyTestDriver): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { key, value } of driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords()) {
    if (key !== null && value !== null) found[key] = Math.max(found[key] ?? 0, Number(value));
  }
  return found;
}

const sessions = (driver: TopologyTestDriver): Record<string, number> =>
  Object.fromEntries(
    Array.from(driver.sessionStore<string, number>('s').all(), ({ key, startMs, endMs, value }) => [
      `${key}@[${startMs},${endMs}]`,
      value,
    ]),
  );
const windows = (driver: TopologyTestDriver): Record<string, number> =>
  Object.fromEntries(
    Array.from(driver.windowStore<string, number>('s').all(), ({ key, windowStartMs, value }) => [
      `${key}@${windowStartMs}`,
      value,
    ]),
  );

/** Seeds whose crash leaves less than a run without one. */
function losing(
  topology: Topology,
  script: Script,
  look: (driver: TopologyTestDriver) => Record<string, number>,
  guarantee: 'at_least_once' | 'exactly_once',
): number[] {
  const wanted = Object.entries(look(run(topology, script, { guarantee })));
  expect(wanted.length).toBeGreaterThan(0);
  return SEEDS.filter((seed) => {
    const seen = look(run(topology, script, { guarantee, seed }));
    return wanted.some(([key, value]) => (seen[key] ?? 0) < value);
  });
}

const MINUTE = TimeWindows.of({ sizeMs: 60, graceMs: 0 });

describe.each<
  [what: string, define: Windows, script: Script, look: (driver: TopologyTestDriver) => Record<string, number>]
>([
  [
    'a window that is sent when it closes',
    (grouped) => grouped.windowedBy(MINUTE).emitStrategy('ON_WINDOW_CLOSE').count({ storeName: 's' }),
    { times: [1, 2, 130], committed: 2 },
    greatest,
  ],
  [
    'a window that is suppressed until it closes',
    (grouped) =>
      grouped.windowedBy(MINUTE).count({ storeName: 's' }).suppress({ until: 'WINDOW_CLOSES', name: 'held' }),
    { times: [1, 2, 130], committed: 2, duringCommit: true },
    greatest,
  ],
  [
    'sessions that a record joins',
    (grouped) => grouped.windowedBy(SessionWindows.of({ inactivityGapMs: 10, graceMs: 100 })).count({ storeName: 's' }),
    { times: [1, 20, 11], committed: 2 },
    sessions,
  ],
  [
    'sliding windows beside a record that is out of order',
    (grouped) =>
      grouped.windowedBy(SlidingWindows.of({ timeDifferenceMs: 20, graceMs: 100 })).count({ storeName: 's' }),
    { times: [100, 110, 105], committed: 2 },
    windows,
  ],
])('%s', (_what, define, script, look) => {
  const topology = build(define);

  test('may be lost with at_least_once', () => {
    expect(losing(topology, script, look, 'at_least_once').length).toBeGreaterThan(0);
  });

  test('is there with exactly_once', () => {
    expect(losing(topology, script, look, 'exactly_once')).toEqual([]);
  });
});
