import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Fetcher } from '../../../src/kafka/fetcher.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { TailReader } from '../../../src/kafka/tail-reader.ts';
import { TransactionalProducer } from '../../../src/kafka/transactional-producer.ts';
import type { FetchedRecords } from '../../../src/kafka/types.ts';
import { eachRecord } from '../../../src/runtime/restore/raw-records.ts';
import { RecordQueue } from '../../../src/runtime/task/record-queue.ts';
import { SourceNode } from '../../../src/processor/source-node.ts';
import { serdes } from '../../../src/serde/serdes.ts';
import { until } from './deadline.ts';

/** An int32 key 0, which kafkajs takes for the marker of an abort. */
const KEY_ZERO = Buffer.alloc(4);
const LAST = 'end';

/** What is handed out of a partition from an offset on, up to the record `end`. */
type Read = (client: KafkaClient, topic: string, from: number) => Promise<string[]>;

/** Every way in which the library reads with read_committed. */
const READERS: readonly (readonly [what: string, read: Read])[] = [
  ['a task', (client, topic, from) => readFetched(client, { topic, from }, takeAsTask)],
  ['a restore', (client, topic, from) => readFetched(client, { topic, from }, takeAsRestore)],
];

/**
 * The two ways in which kafkajs 2.2.4 hands out records of aborted transactions (`filterAbortedMessages`): it ends an aborted transaction at any record with the key 00000000, and it opens at most one
 * aborted transaction per record. The logs are written as an application writes them and read from every offset.
 */
export function readCommittedSuite(address: () => string): void {
  let client: KafkaClient;
  const producers: TransactionalProducer[] = [];

  beforeAll(() => {
    client = new KafkaClient({ brokers: [address()], clientId: 'read-committed-suite', retryTimeoutMs: 30_000 });
  });

  afterAll(async () => {
    for (const producer of producers) await producer.close();
    await client.close();
  });

  async function newTopic(): Promise<string> {
    const topic = `suite-${randomUUID()}`;
    await client.createTopics([{ topic, partitions: 1, configs: { 'retention.ms': '-1' } }]);
    return topic;
  }

  function makeProducer(): TransactionalProducer {
    const producer = new TransactionalProducer(client, { transactionalId: `suite-${randomUUID()}`, lingerMs: 0 });
    producers.push(producer);
    return producer;
  }

  const logEnd = async (topic: string): Promise<number> =>
    (await client.listOffsets([{ topic, partition: 0 }], 'latest'))[0]?.offset ?? 0;

  /** Writes one batch and waits until it is in the log, so that the log's order is the order of the calls. */
  async function write(
    producer: TransactionalProducer,
    topic: string,
    values: readonly string[],
    key: Buffer | null = null,
  ): Promise<void> {
    const before = await logEnd(topic);
    for (const value of values) producer.append(topic, 0, 1_700_000_000_000, key, Buffer.from(value));
    await until('the batch is in the log', async () => (await logEnd(topic)) >= before + values.length);
  }

  async function writeEnd(topic: string): Promise<void> {
    const producer = makeProducer();
    await write(producer, topic, [LAST]);
    await producer.commit();
  }

  /** What each reader gets from each of the offsets. */
  async function readFromEach(topic: string, offsets: readonly number[]): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const [what, read] of READERS)
      for (const from of offsets) found[`${what} from ${from}`] = await read(client, topic, from);
    return found;
  }

  const expected = (offsets: readonly number[], valuesFrom: (offset: number) => string[]): Record<string, string[]> =>
    Object.fromEntries(READERS.flatMap(([what]) => offsets.map((from) => [`${what} from ${from}`, valuesFrom(from)])));

  test('records of an aborted transaction were handed out behind one with the key 00000000', async () => {
    const topic = await newTopic();
    const aborted = makeProducer();
    await write(aborted, topic, ['aborted 0', 'aborted 1'], KEY_ZERO);
    await write(aborted, topic, ['aborted 2'], KEY_ZERO);
    await aborted.abort();
    await writeEnd(topic);
    const offsets = [0, 1, 2, 3];
    expect(await readFromEach(topic, offsets)).toEqual(expected(offsets, () => [LAST]));
    expect(await readTail(client, topic)).toEqual([LAST]);
  });

  test('records of the second of two overlapping aborted transactions were handed out to who began in the middle', async () => {
    const topic = await newTopic();
    const [first, second, third] = [makeProducer(), makeProducer(), makeProducer()];
    await write(first, topic, ['aborted 0']);
    await write(second, topic, ['aborted 1']);
    await write(third, topic, ['committed 2']);
    await write(second, topic, ['aborted 3']);
    await write(first, topic, ['aborted 4']);
    await first.abort();
    await second.abort();
    await third.commit();
    await writeEnd(topic);
    const offsets = [0, 1, 2, 3, 4];
    expect(await readFromEach(topic, offsets)).toEqual(
      expected(offsets, (from) => (from <= 2 ? ['committed 2', LAST] : [LAST])),
    );
    expect(await readTail(client, topic)).toEqual(['committed 2', LAST]);
  });
}

async function readFetched(
  client: KafkaClient,
  { topic, from }: { readonly topic: string; readonly from: number },
  take: (fetched: FetchedRecords) => string[] | Promise<string[]>,
): Promise<string[]> {
  const fetcher = new Fetcher(client, { isolation: 'read_committed' });
  const values: string[] = [];
  try {
    fetcher.add([{ topic, partition: 0, offset: from }]);
    await until(`the last record, from ${from}`, async () => {
      for (const fetched of fetcher.poll()) values.push(...(await take(fetched)));
      return values.at(-1) === LAST;
    });
  } finally {
    await fetcher.close();
  }
  return values;
}

function takeAsTask(fetched: FetchedRecords): string[] {
  const { topic, partition } = fetched;
  const codec = { topic, schemas: undefined } as const;
  const queue = new RecordQueue({
    topic,
    partition,
    source: new SourceNode(),
    key: serdes.bytes.open({ ...codec, part: 'key' }),
    value: serdes.string.open({ ...codec, part: 'value' }),
    timestampExtractor: undefined,
    onNegativeTimestamp: () => undefined,
  });
  queue.add(fetched);
  const values: string[] = [];
  for (; queue.advance(); queue.release()) values.push(queue.readValue() as string);
  return values;
}

async function takeAsRestore(fetched: FetchedRecords): Promise<string[]> {
  const values: string[] = [];
  await eachRecord(fetched, {
    sliceMs: 10,
    take: (_key, value) => values.push(Buffer.from(value ?? []).toString()),
    signal: new AbortController().signal,
  });
  return values;
}

async function readTail(client: KafkaClient, topic: string): Promise<string[]> {
  const values: string[] = [];
  const reader = new TailReader<Uint8Array, string>(client, {
    topic: { name: topic, key: serdes.bytes, value: serdes.string },
    from: 'earliest',
    onRecord: ({ value }) => values.push(value ?? ''),
    onError: (error) => values.push(String(error)),
  });
  await reader.start();
  await until('the last record', () => values.at(-1) === LAST);
  await reader.close();
  return values;
}
