import type { KafkaStreams, StateStore, StoreQuery } from '@playhead/stream-core';
import type { TopicPartition } from '../../../src/kafka/types.ts';
import type { StreamsConfig } from '../../../src/runtime/streams-config.ts';
import type { TopologyPlan } from '../../../src/topology/topology-plan.ts';
import type { ClusterUnderTest } from '../cluster-under-test.ts';
import { PAST_TIMES, START_MS } from './input-rows.ts';
import { keysOf } from './operator-family.ts';
import type { FamilyResult, OperatorFamily, TopicName } from './operator-family.ts';
import { readTopics } from './read-topic.ts';
import {
  changelogText,
  entryText,
  internalTopicText,
  outputText,
  sessionText,
  windowText,
  pastText,
} from './result-text.ts';
import { rowsOf, type Starts } from './run-in-driver.ts';

const DEADLINE_MS = 40_000;
const ALL = { limit: 100_000 } as const;

/** Makes the topics of a family. */
export async function makeTopics(cluster: ClusterUnderTest, family: OperatorFamily): Promise<TopicName> {
  const names = new Map<string, string>();
  for (const [name, { partitions }] of Object.entries({ ...family.inputs, ...family.outputs })) {
    names.set(name, await cluster.topic(name, partitions));
  }
  return (name) => names.get(name) ?? `${cluster.applicationId}-${name}`;
}

/** Runs a family as an application: writes what is there at a start, starts it, waits until it has nothing left to do and closes it, for each start. */
export async function runInRuntime(
  cluster: ClusterUnderTest,
  family: OperatorFamily,
  topic: TopicName,
  starts: Starts,
  config: Partial<StreamsConfig> = {},
): Promise<FamilyResult> {
  const topology = family.build(topic);
  const plan = topology.plan(cluster.applicationId);
  const dropped: Record<string, number> = {};
  let stores: FamilyResult['stores'] = {};
  for (const [at, halves] of starts.entries()) {
    for (const name of Object.keys(family.inputs)) {
      await cluster.produceAll(topic(name), rowsOf(family, name, halves));
    }
    const clock = { nowMs: START_MS };
    const { cacheMaxBytes = 0 } = family;
    const { streams } = await cluster.start(family.build(topic), {
      cacheMaxBytes,
      commitIntervalMs: 10,
      clock: () => clock.nowMs,
      // As the topology asks for them: that is compared.
      internalTopicConfigs: {},
      ...config,
    });
    await untilIdle(cluster, streams, plan);
    if (at === starts.length - 1) {
      if (family.wallClockMs !== undefined) await moveClock(cluster, streams, plan, clock, family.wallClockMs);
      stores = await storesOf(family, streams);
    }
    for (const { name, labels, value } of streams.metrics()) {
      const { reason } = labels;
      // Each reason is there from the start, at 0.
      if (name !== 'dropped-records-total' || reason === undefined || value === 0) continue;
      dropped[reason] = (dropped[reason] ?? 0) + value;
    }
    await streams.close();
  }
  const written = await writtenBy(cluster, family, topic, plan);
  return { ...written, stores, dropped };
}

/** Resolves when every record of every topic that tasks read has been processed and committed, those that the application wrote itself too. */
async function untilIdle(cluster: ClusterUnderTest, streams: KafkaStreams, plan: TopologyPlan): Promise<void> {
  const inputs = await inputsOf(cluster, plan);
  const deadline = performance.now() + DEADLINE_MS;
  const done = (): string | undefined => {
    const tasks = streams.tasks();
    return tasks.length > 0 && tasks.every(({ committed }) => committed)
      ? JSON.stringify(
          tasks.map((task) => task.inputs.map(({ topic, partition, offset }) => [topic, partition, offset])),
        )
      : undefined;
  };
  for (;;) {
    if (streams.state === 'ERROR') throw streams.error;
    const before = done();
    if (before !== undefined) {
      const ends = await cluster.client.listOffsets(inputs, 'latest');
      const processed = new Map(
        streams.tasks().flatMap((task) => task.inputs.map((input) => [placeOf(input), input.offset + 1])),
      );
      if (ends.every((end) => (processed.get(placeOf(end)) ?? 0) >= end.offset) && done() === before) return;
    }
    if (performance.now() > deadline)
      throw new Error(`not idle within ${DEADLINE_MS} ms: ${JSON.stringify(streams.tasks())}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

async function inputsOf({ client }: ClusterUnderTest, plan: TopologyPlan): Promise<TopicPartition[]> {
  const counts = await client.partitionsOf([
    ...new Set(plan.subtopologies.flatMap(({ sourceTopics }) => sourceTopics)),
  ]);
  return [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Moves the wall clock and waits until each task's punctuator has run and its work is committed. */
async function moveClock(
  cluster: ClusterUnderTest,
  streams: KafkaStreams,
  plan: TopologyPlan,
  clock: { nowMs: number },
  byMs: number,
): Promise<void> {
  const called = (): number => [...streams.metrics()].find(({ name }) => name === 'punctuate-total')?.value ?? 0;
  const deadline = performance.now() + DEADLINE_MS;
  clock.nowMs += byMs;
  while (called() < streams.tasks().length) {
    if (performance.now() > deadline)
      throw new Error(`${called()} wall-clock punctuators ran within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
  await untilIdle(cluster, streams, plan);
}

/** Contents of the stores, asked through interactive queries. */
async function storesOf(family: OperatorFamily, streams: KafkaStreams): Promise<FamilyResult['stores']> {
  const contents: Record<string, readonly string[]> = {};
  for (const name of family.stores) {
    const [part] = streams.store(name).values();
    const query = streams.query<string>(name);
    const { count } = await query.count();
    const lines = part === undefined ? [] : await contentsOf(part, query, keysOf(family));
    contents[name] = [`${count} entries`, ...lines.toSorted()];
  }
  return contents;
}

async function contentsOf(
  store: StateStore,
  query: StoreQuery<string, unknown>,
  keys: readonly string[],
): Promise<string[]> {
  if (store.kind === 'window') {
    return (await query.fetchAll(0, Number.MAX_SAFE_INTEGER, ALL)).windows.map(windowText);
  }
  if (store.kind === 'session') {
    const found = await Promise.all(keys.map(async (key) => ({ key, ...(await query.findSessions(key, ALL)) })));
    return found.flatMap(({ key, sessions }) => sessions.map((session) => sessionText({ key, ...session })));
  }
  const latest = (await query.all(ALL)).entries.map(entryText);
  return 'historyMs' in store ? [...latest, ...(await pastOf(query, keys))] : latest;
}

async function pastOf(query: StoreQuery<string, unknown>, keys: readonly string[]): Promise<string[]> {
  const points = keys.flatMap((key) => PAST_TIMES.map((asOfMs) => ({ key, asOfMs })));
  const found = await Promise.all(
    points.map(async ({ key, asOfMs }) => ({ key, asOfMs, ...(await query.getAsOf(key, asOfMs)) })),
  );
  return found.flatMap(({ key, asOfMs, value, timestamp }) =>
    value === undefined ? [] : [pastText(key, asOfMs, value, timestamp)],
  );
}

/** What the application left on the broker. */
async function writtenBy(
  { client, applicationId }: ClusterUnderTest,
  family: OperatorFamily,
  topic: TopicName,
  plan: TopologyPlan,
): Promise<Pick<FamilyResult, 'outputs' | 'internalTopics' | 'changelogs'>> {
  const all = await client.partitionsOfAll();
  // The driver has no record of what ran before.
  const given = new Set([
    ...Object.keys({ ...family.inputs, ...family.outputs }).map(topic),
    `${applicationId}-topology`,
  ]);
  const internal = [...all.keys()]
    .filter((name) => name.startsWith(`${applicationId}-`) && !given.has(name))
    .toSorted();
  const asked = new Map(plan.internalTopics.map(({ name, config }) => [name, config]));
  const settings = await Promise.all(internal.map((name) => client.describeTopicConfig(name)));
  const changelogs = internal.filter((name) => name.endsWith('-changelog'));
  const records = await readTopics(client, [...Object.keys(family.outputs).map(topic), ...changelogs]);
  return {
    outputs: Object.fromEntries(
      Object.entries(family.outputs).map(([name, output]) => [
        name,
        outputText(records.get(topic(name)) ?? [], output, family.order),
      ]),
    ),
    internalTopics: Object.fromEntries(
      internal.map((name, at) => [
        name,
        internalTopicText(all.get(name) ?? 0, settings[at] ?? new Map(), asked.get(name) ?? {}),
      ]),
    ),
    changelogs: Object.fromEntries(changelogs.map((name) => [name, changelogText(records.get(name) ?? [])])),
  };
}
