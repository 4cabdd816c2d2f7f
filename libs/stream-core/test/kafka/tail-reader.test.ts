import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fetchApi, listOffsetsApi } from '@playhead/kafka-protocol';
import { SerdeError } from '../../src/errors.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { TailReader } from '../../src/kafka/tail-reader.ts';
import type { TailReaderOptions } from '../../src/kafka/tail-types.ts';
import { PendingCodecError } from '../../src/serde/serde.ts';
import type { Codec, Serde } from '../../src/serde/serde.ts';
import { until } from './support/deadline.ts';
import { batchOf, markerOf } from './support/record-sets.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;
let client: KafkaClient;
let readers: TailReader<string, string>[];
/** Record sets of topic `t`'s only partition, by the offset they are fetched at. */
let stored: Map<number, Buffer>;
let logStart: number;
let logEnd: number;
let aborted: { producerId: number; firstOffset: number }[];
let read: string[];
let errors: Error[];

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 1);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  [readers, stored, logStart, logEnd, aborted, read, errors] = [[], new Map(), 0, 0, [], [], []];
  broker.on(listOffsetsApi, ({ topics }) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp }) => ({
        partitionIndex,
        errorCode: 0,
        offset: timestamp === -2 ? logStart : logEnd,
      })),
    })),
  }));
  broker.on(fetchApi, async ({ topics }) => {
    const fetchOffset = topics[0]?.partitions[0]?.fetchOffset ?? 0;
    const records = stored.get(fetchOffset) ?? null;
    if (records === null) await new Promise((resolve) => setTimeout(resolve, 5));
    const part = {
      partitionIndex: 0,
      errorCode: fetchOffset < logStart ? 1 : 0,
      highWatermark: logEnd,
      abortedTransactions: aborted,
      records,
    };
    return { responses: [{ topic: 't', partitions: [part] }] };
  });
});

afterEach(async () => {
  for (const reader of readers) await reader.close();
  await client.close();
  await broker.close();
});

const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const text: Serde<string> = { open: () => ({ serialize: (value) => Buffer.from(value), deserialize: asText }) };

function decoding(deserialize: Codec<string>['deserialize']): Serde<string> {
  return { open: () => ({ serialize: (value) => Buffer.from(value), deserialize }) };
}

function store(...batches: [offset: number, values: string[]][]): void {
  for (const [offset, values] of batches) {
    stored.set(offset, batchOf(offset, values));
    logEnd = offset + values.length;
  }
}

function makeReader(
  options: Partial<TailReaderOptions<string, string>> = {},
  value: Serde<string> = text,
): TailReader<string, string> {
  const reader = new TailReader<string, string>(client, {
    topic: { name: 't', key: text, value },
    from: 'earliest',
    onRecord: (record) => read.push(record.value ?? ''),
    onError: (error) => errors.push(error),
    ...options,
  });
  readers.push(reader);
  return reader;
}

describe('a TailReader', () => {
  test('is caught up when all that was there at the start has been handed over, and reads on', async () => {
    store([0, ['a', 'b']], [2, ['c']]);
    const reader = makeReader();
    await reader.start();
    await reader.caughtUp;
    expect(read).toEqual(['a', 'b', 'c']);
    store([3, ['d']]);
    await until('the next record', () => read.length === 4);
    expect(reader.position(0)).toBe(4);
  });

  test('hands over keys, timestamps, headers and raw positions', async () => {
    store([0, ['a']]);
    const keys: (string | null)[] = [];
    const raw: string[] = [];
    const reader = makeReader({
      onRecord: ({ key, timestamp, headers, offset, partition, topic }) =>
        keys.push(JSON.stringify({ key, timestamp, headers, offset, partition, topic })),
      onCursor: (cursor, partition) =>
        raw.push(`${partition}: ${cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd)}`),
    });
    await reader.start();
    await reader.caughtUp;
    expect(keys).toEqual(['{"key":"key of a","timestamp":1,"headers":[],"offset":0,"partition":0,"topic":"t"}']);
    expect(raw).toEqual(['0: a']);
  });

  test('is caught up although the log was cut off at the front meanwhile', async () => {
    store([0, ['a']], [1, ['b', 'c']]);
    stored.delete(1);
    const reader = makeReader();
    await reader.start();
    await until('the first record', () => read.length === 1);
    logStart = 3;
    await reader.caughtUp;
    expect(read).toEqual(['a']);
  });

  test('is caught up although the last offsets are control records, and shows nothing of an aborted transaction', async () => {
    const inTransaction = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    stored.set(0, Buffer.concat([batchOf(0, ['a']), batchOf(1, ['no'], inTransaction), markerOf(2, 7, 'abort')]));
    [logEnd, aborted] = [3, [{ producerId: 7, firstOffset: 1 }]];
    const reader = makeReader();
    await reader.start();
    await reader.caughtUp;
    expect([read, reader.position(0)]).toEqual([['a'], 3]);
  });

  test('waits for what a codec must load and hands each record over once', async () => {
    store([0, ['a', 'b', 'c']]);
    const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
    let isLoaded = false;
    const serde = decoding((bytes) => {
      if (asText(bytes) === 'b' && !isLoaded) throw new PendingCodecError(loaded);
      return asText(bytes);
    });
    const reader = makeReader({}, serde);
    await reader.start();
    await until('the record before', () => read.length === 1);
    expect(reader.position(0)).toBe(1);
    isLoaded = true;
    load();
    await reader.caughtUp;
    expect(read).toEqual(['a', 'b', 'c']);
  });

  test('asks again while the registry is away, but takes its “unknown” for the record’s fault', async () => {
    store([0, ['a', 'b', 'c']]);
    const answers = [new Error('registry is away'), new SerdeError('unknown schema id 9')];
    const serde = decoding((bytes) => {
      if (asText(bytes) === 'b')
        throw new PendingCodecError(Promise.reject(answers.shift() ?? new Error('asked too often')));
      return asText(bytes);
    });
    const skipped: string[] = [];
    const onDeserializationError = (error: Error, { offset }: { offset: number }) => (
      skipped.push(`${offset}: ${error.message}`),
      'continue' as const
    );
    const reader = makeReader({ onDeserializationError }, serde);
    await reader.start();
    await reader.caughtUp;
    expect([read, skipped]).toEqual([['a', 'c'], ['1: unknown schema id 9']]);
  });

  test('stops at a record that cannot be read unless told to go on, naming its place', async () => {
    store([0, ['a', 'bad', 'c']]);
    const serde = decoding((bytes) => {
      if (asText(bytes) === 'bad') throw new SerdeError('not Avro');
      return asText(bytes);
    });
    const reader = makeReader({}, serde);
    await reader.start();
    await expect(reader.caughtUp).rejects.toThrow('cannot read t-0 at offset 1: not Avro');
    await until('the error', () => errors.length === 1);
    expect([read, errors[0]]).toEqual([
      ['a'],
      expect.objectContaining({ code: 'STREAMS_SERDE', context: { topic: 't', partition: 0, offset: 1 } }),
    ]);
  });

  test('stops when its callback throws', async () => {
    store([0, ['a']]);
    const reader = makeReader({
      onRecord: () => {
        throw new Error('no room');
      },
    });
    await reader.start();
    await until('the error', () => errors.length === 1);
    expect(errors[0]?.message).toBe('no room');
  });

  test('stops at a batch whose checksum is wrong', async () => {
    store([0, ['a']]);
    const batch = stored.get(0);
    batch?.writeUInt8((batch.at(-2) ?? 0) ^ 1, batch.length - 2);
    const reader = makeReader();
    await reader.start();
    await until('the error', () => errors.length === 1);
    expect(errors[0]?.message).toContain('checksum of the batch at offset 0 is wrong');
  });

  test('calls nobody back after close', async () => {
    store([0, ['a']]);
    const reader = makeReader();
    await reader.start();
    await reader.caughtUp;
    await reader.close();
    store([1, ['b']]);
    await client.partitionsOf(['t']);
    expect([read, errors]).toEqual([['a'], []]);
  });
});
