/** Runs a random topology over random inputs, with faults, and takes down what is there at the end. */
import type { KeyValueStore, SessionStore, StateStore, Topology, WindowStore } from '@playhead/stream-core';
import type { DriverFault, SimulationOptions } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { ValueKind } from './random-steps.ts';
import type { Text } from './random-topology.ts';
import { GRACE_MS, TEXT, union } from './random-topology.ts';

/** A record to pipe, or a commit of everything. */
export type Event = { topic: string; key: Text; value: Text | null; timestamp: number; partition: number } | 'commit';

/** Longer than a window and its grace: closes everything. */
const JUMP_MS = 3 * GRACE_MS;
/** Less than every grace: no record is late, so what a crash forgets of a node's own time does not matter. */
const DISORDER_MS = 20;

export interface RunOptions extends SimulationOptions {
  readonly partitions: number;
  readonly cacheMaxBytes: number;
}

/** Rows of the table first, then `count` records in three stretches of time, with everything committed in between. */
export function randomEvents(random: SeededRandom, values: ValueKind, partitions: number, count: number): Event[] {
  const events: Event[] = [];
  const rows = new Map<Text, Text>();
  const value = (): Text => (values === 'union' ? String(random.below(60)) : `v${random.below(1000)}`);
  const row = (timestamp: number): Event => {
    const key = `t${random.below(4)}`;
    if (values !== 'union') {
      const isDelete = random.below(6) === 0;
      return { topic: 'table', key, value: isDelete ? null : value(), timestamp, partition: -1 };
    }
    const grown = union(rows.get(key) ?? '0', value());
    rows.set(key, grown);
    return { topic: 'table', key, value: grown, timestamp, partition: -1 };
  };
  for (let i = 0; i < 8; i++) events.push(row(i));
  events.push('commit');
  for (const [stretch, share] of [0.45, 0.45, 0.1].entries()) {
    let timeMs = 100 + stretch * JUMP_MS;
    for (let i = 0; i < count * share; i++) {
      timeMs += random.below(8);
      const timestamp = timeMs - random.below(DISORDER_MS);
      const kind = random.below(10);
      if (kind === 0 && values !== 'union') events.push(row(timestamp));
      else if (kind <= 3)
        events.push({ topic: 'other', key: `t${random.below(4)}`, value: value(), timestamp, partition: -1 });
      else
        events.push({
          topic: 'in',
          key: `k${random.below(7)}`,
          value: value(),
          timestamp,
          partition: random.below(partitions),
        });
    }
    events.push('commit');
  }
  return events;
}

/** Pipes everything, commits, and gives the driver for a look. Topics that the topology does not read are left out. */
export function run(
  topology: Topology,
  events: readonly Event[],
  { partitions, faults, ...options }: RunOptions,
): TopologyTestDriver {
  const driver = new TopologyTestDriver(topology, { partitions, faults, ...options });
  const read = new Set(topology.plan('app').subtopologies.flatMap(({ sourceTopics }) => sourceTopics));
  const inputs = new Map(
    [...read]
      .filter((name) => !name.startsWith('app-'))
      .map((name) => [name, driver.createInputTopic({ name, ...TEXT })]),
  );
  for (const [index, event] of events.entries()) {
    if (event === 'commit') driver.commit();
    else {
      const partition = event.partition < 0 ? undefined : event.partition;
      const headers = index % 3 === 0 ? [{ key: 'n', value: Buffer.from(String(index)) }] : [];
      inputs.get(event.topic)?.pipeInput(event.value, event.key, event.timestamp, { partition, headers });
    }
  }
  return driver;
}

/** Every record that was committed: of changelogs by partition and key (in which order a flush writes different keys may differ), of the others by partition; in order. */
export function topicsOf(driver: TopologyTestDriver): Record<string, string[]> {
  const topics: Record<string, string[]> = {};
  const text = (part: Uint8Array | null): string => (part === null ? 'null' : Buffer.from(part).toString('latin1'));
  for (const { topic, partition, key, value, timestamp, headers } of driver.produced) {
    const said = headers.map((header) => `${header.key}:${text(header.value)}`).join();
    const place = `${topic}-${partition}${topic.endsWith('-changelog') ? ` ${text(key)}` : ''}`;
    (topics[place] ??= []).push(`${text(key)}=${text(value)}@${timestamp} ${said}`);
  }
  return Object.fromEntries(Object.entries(topics).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Every row of every store that can be read, by store and key over all partitions: as it is, and as it comes back from its changelog. A cache shows windows that the store below it has forgotten, for as
 * long as it happens to keep them, so windows are only read when they have come back.
 */
export function tablesOf(driver: TopologyTestDriver, withTimestamps = true): Record<string, Record<string, string>> {
  const tables: Record<string, Record<string, string>> = {};
  const read = (suffix: string, isRead: (store: StateStore) => boolean): void => {
    for (const [name, parts] of driver.allStateStores()) {
      const rows = parts.filter(isRead).flatMap((part) => rowsOf(part, withTimestamps));
      if (rows.length > 0) tables[`${name}${suffix}`] = Object.fromEntries(rows.sort());
    }
  };
  read('', ({ kind }) => kind === 'key-value');
  driver.rebalance();
  read(' restored', () => true);
  return tables;
}

function rowsOf(store: StateStore, withTimestamps: boolean): [string, string][] {
  const row = (value: unknown, timestamp: number): string => (withTimestamps ? `${value}@${timestamp}` : `${value}`);
  switch (store.kind) {
    case 'key-value':
      return Array.from((store as KeyValueStore<Text, Text>).all(), ({ key, value, timestamp }) => [
        key,
        row(value, timestamp),
      ]);
    case 'window':
      return Array.from((store as WindowStore<Text, Text>).all(), ({ key, windowStartMs, value, timestamp }) => [
        `${key}@${windowStartMs}`,
        row(value, timestamp),
      ]);
    case 'session':
      return Array.from((store as SessionStore<Text, Text>).all(), ({ key, startMs, endMs, value }) => [
        `${key}@[${startMs},${endMs}]`,
        String(value),
      ]);
    default:
      return [];
  }
}

/** The values of `out` by key: the last one, and all of them joined. */
export function outputsOf(driver: TopologyTestDriver): { last: Record<string, Text>; joined: Record<string, Text> } {
  const last: Record<string, Text> = {};
  const joined: Record<string, Text> = {};
  for (const { key, value } of driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords()) {
    if (key === null || value === null) continue;
    last[key] = value;
    joined[key] = union(joined[key] ?? '0', value);
  }
  return { last: sorted(last), joined: sorted(joined) };
}

const sorted = (rows: Record<string, Text>): Record<string, Text> => Object.fromEntries(Object.entries(rows).sort());

/** Repartition topics that records went through. */
export function hopsOf(driver: TopologyTestDriver): number {
  return [...driver.producedTopicNames].filter((name) => name.endsWith('-repartition')).length;
}

/** A crash after the nth record: of every task or of one, in the middle of processing or of a commit; one time in three another soon after. */
export function crashesAfter(afterRecords: number, taskIds: readonly string[], random: SeededRandom): DriverFault[] {
  const crash = (at: number): DriverFault => ({
    afterRecords: at,
    kind: 'crash',
    task: random.below(2) === 0 ? undefined : random.pick(taskIds),
    duringCommit: random.below(3) === 0,
  });
  const first = crash(afterRecords);
  return random.below(3) === 0 ? [first, crash(afterRecords + random.below(4))] : [first];
}
