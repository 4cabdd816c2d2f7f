import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BatchOffset, crc32c, ErrorCode, initProducerIdApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch, readValues } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from '../support/requests.ts';

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  await createTopic(client, 'plain');
  await createTopic(client, 'compacted', 1, { 'cleanup.policy': 'compact' });
  await createTopic(client, 'small', 1, { 'max.message.bytes': '200' });
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

/** A batch with bytes changed and, unless the checksum itself is meant, a right checksum. */
function changed(change: (batch: Buffer) => void, options: { readonly fixCrc?: boolean } = {}): Buffer {
  const batch = makeBatch(['a', 'b']);
  change(batch);
  if (options.fixCrc !== false)
    batch.writeUInt32BE(crc32c(batch, BatchOffset.ATTRIBUTES, batch.length), BatchOffset.CRC);
  return batch;
}

describe('Produce', () => {
  test.each([3, 4, 5, 6, 7, 8])('version %d is acknowledged with the base offset', async (version) => {
    const before = await listOffset(client, 'plain', -1);
    await expect(produceOne(client, 'plain', makeBatch(['a', 'b']), { version })).resolves.toMatchObject({
      errorCode: 0,
      baseOffset: before,
    });
    await expect(listOffset(client, 'plain', -1)).resolves.toBe(before + 2);
  });

  const { INVALID_RECORD, CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE, INVALID_TIMESTAMP } =
    ErrorCode;
  test.each<[string, string, Buffer | null, number, number?]>([
    ['no records', 'plain', null, INVALID_RECORD],
    ['an empty record set', 'plain', Buffer.alloc(0), INVALID_RECORD],
    ['two batches', 'plain', Buffer.concat([makeBatch(['a']), makeBatch(['b'])]), INVALID_RECORD],
    ['an old message format', 'plain', changed((batch) => batch.writeInt8(1, BatchOffset.MAGIC)), INVALID_RECORD],
    ['a batch cut short', 'plain', makeBatch(['abcdef']).subarray(0, -3), CORRUPT_MESSAGE],
    ['a header cut short', 'plain', makeBatch(['abcdef']).subarray(0, 20), CORRUPT_MESSAGE],
    [
      'a length below a header',
      'plain',
      changed((batch) => batch.writeInt32BE(3, BatchOffset.LENGTH)),
      CORRUPT_MESSAGE,
    ],
    [
      'a wrong checksum',
      'plain',
      changed((batch) => batch.writeUInt8(0xff, batch.length - 3), { fixCrc: false }),
      CORRUPT_MESSAGE,
    ],
    [
      'an offset delta that is not the count',
      'plain',
      changed((batch) => batch.writeInt32BE(5, BatchOffset.LAST_OFFSET_DELTA)),
      INVALID_RECORD,
    ],
    [
      'more records announced than there are',
      'plain',
      changed((batch) => {
        batch.writeInt32BE(9, BatchOffset.RECORD_COUNT);
        batch.writeInt32BE(8, BatchOffset.LAST_OFFSET_DELTA);
      }),
      INVALID_RECORD,
    ],
    [
      'fewer records announced than there are',
      'plain',
      changed((batch) => {
        batch.writeInt32BE(1, BatchOffset.RECORD_COUNT);
        batch.writeInt32BE(0, BatchOffset.LAST_OFFSET_DELTA);
      }),
      INVALID_RECORD,
    ],
    [
      'a negative count',
      'plain',
      changed((batch) => {
        batch.writeInt32BE(-2, BatchOffset.RECORD_COUNT);
        batch.writeInt32BE(-3, BatchOffset.LAST_OFFSET_DELTA);
      }),
      INVALID_RECORD,
    ],
    ['a base offset of its own', 'plain', makeBatch(['a'], { baseOffset: 5 }), INVALID_RECORD],
    ['a control batch', 'plain', makeBatch(['a'], { isControl: true }), INVALID_RECORD],
    ['a producer without a sequence', 'plain', makeBatch(['a'], { producerId: 1, producerEpoch: 0 }), INVALID_RECORD],
    [
      'an unknown codec',
      'plain',
      changed((batch) => batch.writeInt16BE(5, BatchOffset.ATTRIBUTES)),
      UNSUPPORTED_COMPRESSION_TYPE,
    ],
    [
      'zstd before Produce version 7',
      'plain',
      makeBatch(['a'], { compression: 'zstd' }),
      UNSUPPORTED_COMPRESSION_TYPE,
      6,
    ],
    ['a time two hours ahead', 'plain', makeBatch(['a'], { timestampMs: Date.now() + 7_200_000 }), INVALID_TIMESTAMP],
    ['a batch above max.message.bytes', 'small', makeBatch(['x'.repeat(200)]), MESSAGE_TOO_LARGE],
    [
      'a record without a key on a compacted topic',
      'compacted',
      makeBatch([{ key: 'k', value: 'a' }, 'b']),
      INVALID_RECORD,
    ],
    [
      'a compressed record without a key on a compacted topic',
      'compacted',
      makeBatch(['b'], { compression: 'gzip' }),
      INVALID_RECORD,
    ],
    [
      'garbage that says it is gzip on a compacted topic',
      'compacted',
      changed((batch) => batch.writeInt16BE(1, BatchOffset.ATTRIBUTES)),
      INVALID_RECORD,
    ],
  ])('%s is refused and nothing is stored', async (_, topic, records, errorCode, version = 8) => {
    const before = await listOffset(client, topic, -1);
    const response = await produceOne(client, topic, records, { version });
    expect([response.errorCode, response.baseOffset]).toEqual([errorCode, -1]);
    if (version >= 8) expect(response.errorMessage).not.toBeNull();
    await expect(listOffset(client, topic, -1)).resolves.toBe(before);
  });

  test.each(['none', 'gzip', 'zstd'] as const)(
    'a compacted topic takes records with keys (%s)',
    async (compression) => {
      const batch = makeBatch(
        [
          { key: 'k', value: 'v' },
          { key: 'k', value: null },
        ],
        { compression },
      );
      await expect(produceOne(client, 'compacted', batch)).resolves.toMatchObject({ errorCode: 0 });
    },
  );

  test('codecs that nobody here can open are stored as they come', async () => {
    const batch = changed((bytes) => bytes.writeInt16BE(2, BatchOffset.ATTRIBUTES));
    const { errorCode, baseOffset } = await produceOne(client, 'plain', Buffer.from(batch));
    expect(errorCode).toBe(0);
    const { records } = await fetchOne(client, 'plain', baseOffset);
    expect(records?.subarray(16)).toEqual(batch.subarray(16));
  });

  test('an unknown partition and acks that do not exist are refused', async () => {
    await expect(produceOne(client, 'plain', makeBatch(['a']), { partition: 7 })).resolves.toMatchObject({
      errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    });
    await expect(produceOne(client, 'plain', makeBatch(['a']), { acks: 2 })).resolves.toMatchObject({
      errorCode: ErrorCode.INVALID_REQUIRED_ACKS,
    });
  });

  test('LogAppendTime is answered and stored', async () => {
    await createTopic(client, 'stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    const { logAppendTimeMs } = await produceOne(client, 'stamped', makeBatch(['a']));
    expect(logAppendTimeMs).toBeGreaterThan(1_700_000_000_000);
    await expect(listOffset(client, 'stamped', logAppendTimeMs)).resolves.toBe(0);
    await expect(listOffset(client, 'stamped', logAppendTimeMs + 1)).resolves.toBe(-1);

    // Bit 3 of the attributes is the broker's to set.
    const stampedByClient = makeBatch(['a']);
    stampedByClient.writeInt16BE(8, BatchOffset.ATTRIBUTES);
    stampedByClient.writeUInt32BE(crc32c(stampedByClient, BatchOffset.ATTRIBUTES), BatchOffset.CRC);
    await expect(produceOne(client, 'stamped', stampedByClient)).resolves.toMatchObject({
      errorCode: INVALID_TIMESTAMP,
    });
  });
});

test('records without a key are named to who sent them to a compacted topic', async () => {
  const records = [{ key: 'a', value: '1' }, { value: '2' }, { key: 'c', value: '3' }, { value: '4' }];
  for (const compression of ['none', 'gzip'] as const) {
    const refused = await produceOne(client, 'compacted', makeBatch(records, { compression }));
    expect(refused.errorCode).toBe(ErrorCode.INVALID_RECORD);
    expect(refused.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1, 3]);
  }
  expect((await produceOne(client, 'compacted', makeBatch([{ key: 'a', value: '1' }]))).recordErrors).toEqual([]);
});

describe('an idempotent producer', () => {
  test('gets an id of its own, and its retries are stored once', async () => {
    const { producerId, producerEpoch } = await client.send(initProducerIdApi, 1, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const other = await client.send(initProducerIdApi, 4, { transactionalId: null, transactionTimeoutMs: 0 });
    expect(other.producerId).not.toBe(producerId);
    await createTopic(client, 'idempotent');
    const send = (baseSequence: number) =>
      produceOne(client, 'idempotent', makeBatch([`s${baseSequence}`], { producerId, producerEpoch, baseSequence }));
    expect((await send(0)).baseOffset).toBe(0);
    expect((await send(1)).baseOffset).toBe(1);
    expect(await send(0)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect((await send(3)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(readValues((await fetchOne(client, 'idempotent', 0)).records)).toEqual(['0:s0', '1:s1']);
  });
});
