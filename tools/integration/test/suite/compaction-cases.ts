import { expect } from '@jest/globals';
import { ErrorCode, listOffsetsApi, RecordBatchWriter, RecordCursor, type SealOptions } from '@playhead/kafka-protocol';
import { eventually, type IntegrationCase } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { librdkafkaBatches } from './librdkafka-batches.ts';
import { fetch, produce, producerIdentity } from './log-requests.ts';
import { TransactionalProducer } from './transactional-producer.ts';
import { withWire, type WireClient } from './wire-client.ts';

/** A broker's cleaner looks for work every 15 s unless it is told otherwise. */
const COMPACTED_WITHIN_MS = 50_000;
/** A segment is closed by the first record that comes later than this after its first one. */
const SEGMENT_MS = 50;
const COMPACT = {
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0.01',
  'segment.ms': String(SEGMENT_MS),
};
/** The key of the records that close segments; the cases do not look at them. */
const FILLER = 'filler';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Entry = readonly [key: string, value: string | null];

function batch(entries: readonly Entry[], options: SealOptions = {}): Buffer {
  const writer = new RecordBatchWriter();
  for (const [key, value] of entries) writer.append(Date.now(), key, value);
  return Buffer.from(writer.seal(options));
}

async function write(
  wire: WireClient,
  topic: string,
  entries: readonly Entry[],
  options: SealOptions = {},
): Promise<void> {
  expect((await produce(wire, topic, batch(entries, options))).errorCode).toBe(ErrorCode.NONE);
}

/** Every record that is left, as `offset:key=value`; a fetch goes on after the last batch of the one before, with or without records. */
async function contentOf(wire: WireClient, topic: string): Promise<string[]> {
  const found: string[] = [];
  for (let offset = 0; ;) {
    const { records, highWatermark } = await fetch(wire, topic, offset, { maxWaitMs: 0 });
    const cursor = new RecordCursor().reset(records ?? Buffer.alloc(0));
    const from = offset;
    while (cursor.nextBatch()) {
      while (!cursor.isControl && cursor.next()) if (cursor.offset >= from) found.push(recordAt(cursor));
      offset = cursor.lastOffset + 1;
    }
    if (offset >= highWatermark) return found;
  }
}

function recordAt({ bytes, offset, keyStart, keyEnd, valueStart, valueEnd }: RecordCursor): string {
  const value = valueStart < 0 ? null : bytes.toString('utf8', valueStart, valueEnd);
  return `${offset}:${bytes.toString('utf8', keyStart, keyEnd)}=${value}`;
}

/** Closes segments with filler records until compaction has left these records and no others. */
async function compactedTo(wire: WireClient, topic: string, expected: readonly string[]): Promise<void> {
  let content: string[] = [];
  const isLeft = async (): Promise<boolean | undefined> => {
    await pause(2 * SEGMENT_MS);
    await write(wire, topic, [[FILLER, 'x']]);
    content = (await contentOf(wire, topic)).filter((record) => !record.includes(FILLER));
    return content.join() === expected.join() ? true : undefined;
  };
  await eventually('compaction', isLeft, COMPACTED_WITHIN_MS).catch(() => undefined);
  expect(content).toEqual(expected);
}

export const compactionCases: readonly IntegrationCase[] = [
  {
    name: 'compaction leaves the last value of each key at the offset it had',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        await write(wire, topic, [
          ['a', '1'],
          ['b', '1'],
          ['a', '2'],
        ]);
        await write(wire, topic, [['c', '1']]);
        await write(wire, topic, [
          ['b', '2'],
          ['d', '1'],
        ]);
        await compactedTo(wire, topic, ['2:a=2', '3:c=1', '4:b=2', '5:d=1']);
        // The log begins where it did, and a fetch of what has gone is answered with what comes next.
        const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -2 }] }];
        const answer = await wire.send(listOffsetsApi, 5, { replicaId: -1, topics });
        expect(answer.topics[0]!.partitions[0]!.offset).toBe(0);
        expect((await fetch(wire, topic, 0)).errorCode).toBe(ErrorCode.NONE);
      });
    },
  },
  {
    name: 'a tombstone takes the values before it and stays for delete.retention.ms',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'tombstone', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        await write(wire, topic, [
          ['a', '1'],
          ['b', '1'],
        ]);
        await write(wire, topic, [['a', null]]);
        await compactedTo(wire, topic, ['1:b=1', '2:a=null']);
      });
    },
  },
  {
    name: 'a tombstone goes when delete.retention.ms is over',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'tombstone-gone', 1, { ...COMPACT, 'delete.retention.ms': '100' });
      await withWire(brokers, async (wire) => {
        await write(wire, topic, [
          ['a', '1'],
          ['b', '1'],
        ]);
        await write(wire, topic, [
          ['a', null],
          ['c', '1'],
        ]);
        await compactedTo(wire, topic, ['1:b=1', '3:c=1']);
      });
    },
  },
  {
    name: 'records are taken out of compressed batches',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact-compressed', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        for (const [round, compression] of (['gzip', 'zstd'] as const).entries())
          await write(
            wire,
            topic,
            [
              ['a', `${round}`],
              [compression, 'kept'],
            ],
            { compression },
          );
        await write(wire, topic, [['a', 'last']]);
        await compactedTo(wire, topic, ['1:gzip=kept', '3:zstd=kept', '4:a=last']);
      });
    },
  },
  {
    name: 'records are taken out of batches in codecs that are only read',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact-foreign', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        for (const records of Object.values(librdkafkaBatches))
          expect((await produce(wire, topic, Buffer.from(records))).errorCode).toBe(ErrorCode.NONE);
        const overtaken = Array.from({ length: 9 }, (_, i): Entry => [`key ${i}`, null]);
        await write(wire, topic, overtaken);
        const left = [9, 10, 11].map((i) => `${12 + i}:key ${i}=value ${i} ${'playhead '.repeat(i)}`);
        await compactedTo(wire, topic, [...left, ...overtaken.map(([key], i) => `${24 + i}:${key}=null`)]);
      });
    },
  },
  {
    name: 'an idempotent producer goes on with its sequence after its records were compacted away',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact-idempotent', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        const identity = await producerIdentity(wire);
        const first: readonly Entry[] = [
          ['a', '1'],
          ['b', '1'],
        ];
        await write(wire, topic, first, identity);
        await write(wire, topic, [
          ['a', '2'],
          ['b', '2'],
        ]);
        await compactedTo(wire, topic, ['2:a=2', '3:b=2']);
        const retried = await produce(wire, topic, batch(first, identity));
        expect([retried.errorCode, retried.baseOffset]).toEqual([ErrorCode.NONE, 0]);
        const gap = await produce(wire, topic, batch([['c', '1']], { ...identity, baseSequence: 7 }));
        expect(gap.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        await write(wire, topic, [['c', '1']], { ...identity, baseSequence: 2 });
      });
    },
  },
  {
    name: 'records of aborted transactions go, and count for no key',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact-aborted', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        const producer = await TransactionalProducer.start(wire, topic);
        // All its records have the key k.
        await producer.add();
        await producer.produce(['committed']);
        await producer.end(true);
        await producer.add();
        await producer.produce(['taken back']);
        await producer.end(false);
        await write(wire, topic, [['a', '1']]);
        await compactedTo(wire, topic, ['0:k=committed', '4:a=1']);
      });
    },
  },
  {
    name: 'compaction waits for a transaction that is open',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compact-open', 1, COMPACT);
      await withWire(brokers, async (wire) => {
        await write(wire, topic, [
          ['a', '1'],
          ['a', '2'],
        ]);
        const producer = await TransactionalProducer.start(wire, topic);
        await pause(2 * SEGMENT_MS);
        await producer.add();
        await producer.produce(['open']);
        await write(wire, topic, [
          ['b', '1'],
          ['b', '2'],
        ]);
        await compactedTo(wire, topic, ['1:a=2', '2:k=open', '3:b=1', '4:b=2']);
        await producer.end(true);
        await compactedTo(wire, topic, ['1:a=2', '2:k=open', '4:b=2']);
      });
    },
  },
];
