/** An instance of the application that is killed and taken over: the last value of each key, or their counts, in a store with a changelog. */
import { setTimeout } from 'node:timers/promises';
import { type KeyValueStore, KafkaStreams, serdes, type StreamsConfig, StreamsBuilder } from '@playhead/stream-core';
import { type FromInstance, type InstanceSettings, nowMs, STORE, type ToInstance } from './messages.ts';

const POLL_MS = 1;
const { brokers, applicationId, topic, output, tasks, config } = JSON.parse(
  process.argv[2] ?? '{}',
) as InstanceSettings;
const tell = (message: FromInstance): void => void process.send?.(message);

/** Only what is measured, and what goes wrong. */
const logger: NonNullable<StreamsConfig['logger']> = {
  debug: () => {},
  info: (fields, message) => {
    if (message === 'tasks assigned')
      tell({ type: 'assigned', added: (fields as { readonly added: readonly string[] }).added, atMs: nowMs() });
    else if (message === 'restore finished') console.log(`  ${JSON.stringify(fields)}`);
  },
  warn: (fields, message) => console.error(message, fields),
  error: (fields, message) => console.error(message, fields),
};

const builder = new StreamsBuilder();
const text = { key: serdes.string, value: serdes.string };
if (output === undefined) builder.table(topic, { ...text, storeName: STORE });
else builder.stream(topic, text).groupByKey().count({ storeName: STORE }).toStream().to(output);
const streams = new KafkaStreams(builder.build(), {
  applicationId,
  kafka: { brokers: brokers.split(','), clientId: 'bench-takeover' },
  logger,
  ...(config as Partial<StreamsConfig>),
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(POLL_MS);
}

async function own(key: string): Promise<void> {
  const { partition } = streams.queryMetadataForKey(STORE, key);
  await until(() => streams.store(STORE).has(partition));
  const store = streams.store<KeyValueStore<string, string>>(STORE).get(partition);
  tell({ type: 'owned', value: store?.get(key) ?? undefined, atMs: nowMs() });
}

async function check(keys: readonly string[]): Promise<void> {
  const query = streams.query<string, string>(STORE);
  const { count } = await query.count();
  const values = await Promise.all(keys.map(async (key) => (await query.get(key)).value));
  tell({ type: 'checked', count, values });
}

function report(id: number): void {
  const running = streams.tasks().filter(({ state }) => state === 'RUNNING').length;
  tell({ type: 'report', id, running, warming: streams.standbys().length });
}

async function stop(): Promise<void> {
  await streams.close();
  tell({ type: 'closed', atMs: nowMs() });
  process.disconnect();
}

const failed = (error: unknown): void => {
  tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
};
process.on('message', (message: ToInstance) => {
  if (message.type === 'own') own(message.key).catch(failed);
  else if (message.type === 'report') report(message.id);
  else if (message.type === 'check') check(message.keys).catch(failed);
  else stop().catch(failed);
});
// Its parent is gone.
process.on('disconnect', () => process.exit(0));

try {
  const fromMs = nowMs();
  await streams.start();
  if (tasks !== undefined) {
    await until(() => streams.tasks().filter(({ state }) => state === 'RUNNING').length === tasks);
    tell({ type: 'joined', fromMs, atMs: nowMs() });
  }
  await streams.caughtUp();
  if (output === undefined) {
    await until(() => streams.tasks().every(({ committed }) => committed));
    await until(() => streams.standbys().every(({ lag }) => lag === 0));
  }
  tell({
    type: 'ready',
    tasks: streams.tasks().length,
    standbys: streams.standbys().length,
    residentBytes: process.memoryUsage.rss(),
  });
} catch (error) {
  failed(error);
}
