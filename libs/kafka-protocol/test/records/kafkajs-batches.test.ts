import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { RecordBatchWriter } from '../../src/index.ts';
import { recordsOf } from './records-of.ts';

// kafkajs's own codec, at the version that stream-core pins: what it writes we read, and the other way round.
interface KafkajsRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}
interface KafkajsDecoded {
  readonly producerId: string;
  readonly firstSequence: number;
  readonly records: readonly KafkajsRecord[];
}

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch(batch: object): Promise<{ readonly buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: object,
) => Promise<KafkajsDecoded>;
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (buffer: Buffer) => object;
const Long = require('kafkajs/src/utils/long.js') as { fromValue(value: number): object };

test.each([0, 1])('a batch that kafkajs wrote with codec %s is read', async (compression) => {
  const records = [
    Record({
      offsetDelta: 0,
      timestampDelta: 0,
      key: Buffer.from('a'),
      value: Buffer.from('one'),
      headers: { trace: 'x' },
    }),
    Record({ offsetDelta: 1, timestampDelta: 250, key: null, value: null }),
  ];
  const { buffer } = await RecordBatch({
    compression,
    firstOffset: Long.fromValue(5),
    firstTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_000_250,
    lastOffsetDelta: 1,
    producerId: Long.fromValue(-1),
    records,
  });
  expect(recordsOf(buffer)).toEqual([
    { offset: 5, timestamp: 1_700_000_000_000, key: 'a', value: 'one', headers: [['trace', 'x']] },
    { offset: 6, timestamp: 1_700_000_000_250, key: null, value: null, headers: [] },
  ]);
});

test.each(['none', 'gzip'] as const)('a batch compressed with %s is read by kafkajs', async (compression) => {
  const writer = new RecordBatchWriter();
  writer.append(1_700_000_000_000, 'a', 'one', [{ key: 'trace', value: 'x' }]);
  writer.append(1_699_999_000_000, null, Buffer.alloc(3000, 'z'));
  const decoded = await decodeBatch(
    new Decoder(writer.seal({ compression, baseOffset: 5, producerId: 9001, baseSequence: 4 })),
  );
  expect([decoded.producerId, decoded.firstSequence]).toEqual(['9001', 4]);
  expect(
    decoded.records.map(({ offset, timestamp, key, value }) => [
      offset,
      timestamp,
      key?.toString() ?? null,
      value?.length,
    ]),
  ).toEqual([
    ['5', '1700000000000', 'a', 3],
    ['6', '1699999000000', null, 3000],
  ]);
  expect(decoded.records[0]?.headers['trace']?.toString()).toBe('x');
});
