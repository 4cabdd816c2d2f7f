import { serdes } from '@playhead/stream-core';
import type {
  KeyValueStore,
  SessionStore,
  StateStore,
  VersionedKeyValueStore,
  WindowStore,
} from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import { resolvePartitionCounts } from '../../../src/topology/partition-counts.ts';
import type { TopologyPlan } from '../../../src/topology/topology-plan.ts';
import { PAST_TIMES, START_MS } from './input-rows.ts';
import { keysOf } from './operator-family.ts';
import type { DeterminedOrder, FamilyResult, InputRow, OperatorFamily, TopicName } from './operator-family.ts';
import {
  changelogText,
  entryText,
  internalTopicText,
  outputText,
  sessionText,
  windowText,
  pastText,
} from './result-text.ts';

/** Which halves of the input are there when the application is started, for each start. */
export type Starts = readonly (readonly (0 | 1)[])[];

/** An input as it is written before one start. */
export interface PlacedRow extends InputRow {
  readonly topic: string;
  readonly partition: number;
}

/** What is written to an input before one start, in order, each record where its key belongs; those without a key to partition 0. */
export function rowsOf(family: OperatorFamily, name: string, halves: readonly (0 | 1)[]): PlacedRow[] {
  const input = family.inputs[name];
  if (input === undefined) throw new RangeError(`family ${family.name} has no input ${name}`);
  return halves
    .flatMap((half) => input.halves[half])
    .map((row) => {
      const partition = row.key === null ? 0 : partitionForKey(Buffer.from(row.key), input.partitions);
      return { ...row, topic: name, partition };
    });
}

/** Runs a family in the test driver, record by record in the order in which tasks of the runtime take what is there at a start. Unless it is to be undisturbed, every task is closed between two starts and comes back from its changelogs. */
export function runInDriver(
  family: OperatorFamily,
  applicationId: string,
  topic: TopicName,
  starts: Starts,
  { undisturbed = false } = {},
): FamilyResult {
  const topology = family.build(topic);
  const partitions = Object.fromEntries(
    Object.entries({ ...family.inputs, ...family.outputs }).map(([name, each]) => [topic(name), each.partitions]),
  );
  const driver = new TopologyTestDriver(topology, { applicationId, partitions, initialWallClockTimeMs: START_MS });
  try {
    for (const [at, halves] of starts.entries()) {
      if (at > 0 && !undisturbed) driver.rebalance();
      for (const { topic: name, key, value, timestamp, headers, partition } of driverOrder(family, halves)) {
        const input = driver.createInputTopic({ name: topic(name), key: serdes.string, value: serdes.string });
        input.pipeInput(value, key, timestamp, { headers, partition });
      }
    }
    if (family.wallClockMs !== undefined) driver.advanceWallClockTime(family.wallClockMs);
    return resultOf(family, driver, topology.plan(applicationId), { topic, partitions });
  } finally {
    driver.close();
  }
}

/** Global tables first, then partition by partition the record with the smallest timestamp at the head of its topic. */
function driverOrder(family: OperatorFamily, halves: readonly (0 | 1)[]): PlacedRow[] {
  const names = Object.keys(family.inputs);
  const isGlobal = (name: string): boolean => family.inputs[name]?.isGlobal === true;
  const globals = names.filter(isGlobal).flatMap((name) => rowsOf(family, name, halves));
  const rows = names.filter((name) => !isGlobal(name)).map((name) => rowsOf(family, name, halves));
  const ordered: PlacedRow[] = [];
  const count = Math.max(...Object.values(family.inputs).map(({ partitions }) => partitions));
  for (let partition = 0; partition < count; partition++) {
    ordered.push(
      ...byHead(
        rows.map((all) => all.filter((row) => row.partition === partition)),
        family.order,
      ),
    );
  }
  return [...globals, ...ordered];
}

function byHead(queues: PlacedRow[][], order: DeterminedOrder = 'partition'): PlacedRow[] {
  const merged: PlacedRow[] = [];
  for (;;) {
    const heads = queues.flatMap(([head]) => (head === undefined ? [] : [head]));
    const earliest = Math.min(...heads.map(({ timestamp }) => timestamp));
    const due = queues.filter(([head]) => head?.timestamp === earliest);
    if (due.length > 1 && order !== 'values')
      throw new RangeError(`two inputs have a record at ${earliest}: their order is not determined`);
    const next = due[0]?.shift();
    if (next === undefined) return merged;
    merged.push(next);
  }
}

interface Surroundings {
  readonly topic: TopicName;
  readonly partitions: Readonly<Record<string, number>>;
}

function resultOf(
  family: OperatorFamily,
  driver: TopologyTestDriver,
  plan: TopologyPlan,
  { topic, partitions }: Surroundings,
): FamilyResult {
  const counts = resolvePartitionCounts(plan, (name) => partitions[name]);
  const own = plan.internalTopics.filter(({ kind }) => kind !== 'source-changelog');
  const written = (name: string) => driver.produced.filter((record) => record.topic === name);
  const { order } = family;
  return {
    outputs: Object.fromEntries(
      Object.entries(family.outputs).map(([name, output]) => [name, outputText(written(topic(name)), output, order)]),
    ),
    stores: Object.fromEntries(
      family.stores.map((name) => [name, storeText(family, driver, plan, counts.tasks, name)]),
    ),
    dropped: Object.fromEntries(driver.dropped),
    internalTopics: Object.fromEntries(
      own.map(({ name, config }) => [
        name,
        internalTopicText(counts.internal.get(name) ?? 0, new Map(Object.entries(config)), config),
      ]),
    ),
    changelogs: Object.fromEntries(
      own.filter(({ kind }) => kind === 'changelog').map(({ name }) => [name, changelogText(written(name))]),
    ),
  };
}

function storeText(
  family: OperatorFamily,
  driver: TopologyTestDriver,
  plan: TopologyPlan,
  tasks: ReadonlyMap<number, number>,
  name: string,
): string[] {
  const owner = plan.subtopologies.find(({ stores }) => stores.some((store) => store.name === name));
  const partitions = owner === undefined ? 1 : (tasks.get(owner.id) ?? 0);
  const parts = Array.from({ length: partitions }, (_, partition) => driver.store(name, partition));
  const entries = parts.reduce((sum, { approximateEntries }) => sum + approximateEntries, 0);
  return [`${entries} entries`, ...parts.flatMap((store) => contentsOf(store, keysOf(family))).toSorted()];
}

function contentsOf(store: StateStore, keys: readonly string[]): string[] {
  if (store.kind === 'window') return [...(store as WindowStore<unknown, unknown>).all()].map(windowText);
  if (store.kind === 'session') return [...(store as SessionStore<unknown, unknown>).all()].map(sessionText);
  const latest = [...(store as KeyValueStore<unknown, unknown>).all()].map(entryText);
  return 'historyMs' in store ? [...latest, ...pastOf(store as VersionedKeyValueStore<string, unknown>, keys)] : latest;
}

function pastOf(store: VersionedKeyValueStore<string, unknown>, keys: readonly string[]): string[] {
  return keys.flatMap((key) =>
    PAST_TIMES.flatMap((asOfMs) => {
      const value = store.getAsOf(key, asOfMs);
      return value === null ? [] : [pastText(key, asOfMs, value, store.foundTimestamp)];
    }),
  );
}
