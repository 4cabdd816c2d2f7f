/** What a crash changes of left and outer joins of streams, as docs/decisions/0004 says: when a record without a partner is answered, and not what is answered. */
import { describe, expect, test } from '@jest/globals';
import { JoinWindows, StreamsBuilder, serdes } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { SeededRandom } from '../../src/testing/seeded-random.ts';

const TEXT = { key: serdes.string, value: serdes.string };
const LEFT = { name: 'left', ...TEXT };
const RIGHT = { name: 'right', ...TEXT };
const OUT = { name: 'out', ...TEXT };
const WINDOW_MS = 4;
const RECORDS = 14;
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
/** Whatever still waits is answered by them; of both sides, since each looks on its own window only. */
const LATER_MS = [1_000, 2_000, 3_000];

type Kind = 'left' | 'outer';
type Input = readonly [topic: 'left' | 'right', key: string, value: string, timestamp: number];

function build(kind: Kind): Topology {
  const builder = new StreamsBuilder();
  const [left, right] = [builder.stream(LEFT), builder.stream(RIGHT)];
  const windows = JoinWindows.within(WINDOW_MS, { graceMs: WINDOW_MS });
  const join = (one: string | null, other: string | null): string => `${one}/${other}`;
  const joined =
    kind === 'left' ? left.leftJoinStream(right, join, windows) : left.outerJoinStream(right, join, windows);
  joined.to(OUT);
  return builder.build();
}

/** Records of three keys, none later than `maxDelayMs`, and at the end some that are later than all windows. */
function draw(seed: number, maxDelayMs: number): readonly Input[] {
  const random = new SeededRandom(seed);
  let nowMs = 20;
  const drawn = Array.from({ length: RECORDS }, (_, index): Input => {
    nowMs += random.below(4);
    const topic = random.below(2) === 0 ? 'left' : 'right';
    return [topic, `k${random.below(3)}`, `v${index}`, nowMs - random.below(maxDelayMs + 1)];
  });
  const last = LATER_MS.flatMap((timeMs): Input[] => [
    ['left', 'end', 'v', timeMs],
    ['right', 'end', 'v', timeMs],
  ]);
  return [...drawn, ...last];
}

/** What is answered for the keys that were drawn, in order. */
function run(topology: Topology, inputs: readonly Input[], seed: number, crashAfter: number | undefined): string[] {
  const driver = new TopologyTestDriver(topology, {
    guarantee: 'exactly_once',
    commitInterval: { records: 3 },
    seed,
    faults: crashAfter === undefined ? [] : [{ afterRecords: crashAfter, kind: 'crash' }],
  });
  const topics = { left: driver.createInputTopic(LEFT), right: driver.createInputTopic(RIGHT) };
  for (const [topic, key, value, timestamp] of inputs) topics[topic].pipeInput(value, key, timestamp);
  driver.commit();
  const answers = driver.createOutputTopic(OUT).readRecords();
  driver.close();
  return answers.filter(({ key }) => key !== 'end').map(({ key, value, timestamp }) => `${timestamp} ${key} ${value}`);
}

/** Runs with a crash that answer something else than the run without one, and those that answer it in another order. */
function differences(kind: Kind, maxDelayMs: number): { others: string[]; reordered: number } {
  const topology = build(kind);
  const others: string[] = [];
  let reordered = 0;
  for (const seed of SEEDS) {
    const inputs = draw(seed, maxDelayMs);
    const expected = run(topology, inputs, seed, undefined);
    for (let crashAfter = 1; crashAfter <= RECORDS; crashAfter++) {
      const found = run(topology, inputs, seed, crashAfter);
      if (found.join() === expected.join()) continue;
      reordered++;
      if (found.sort().join() !== expected.toSorted().join()) others.push(`seed ${seed}, crash after ${crashAfter}`);
    }
  }
  return { others, reordered };
}

describe.each<Kind>(['left', 'outer'])('a crash in a %s join of streams, with exactly_once', (kind) => {
  test.each([0, WINDOW_MS])('changes when, not what is answered, while no record is later than %d ms', (delayMs) => {
    const { others, reordered } = differences(kind, delayMs);
    expect(others).toEqual([]);
    expect(reordered).toBeGreaterThan(0);
  });
});

test('a crash may change what is answered to records that are later than the window and its grace', () => {
  expect(differences('outer', 5 * WINDOW_MS).others).not.toEqual([]);
});
