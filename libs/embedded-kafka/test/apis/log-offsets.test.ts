import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { deleteRecordsApi, ErrorCode, listOffsetsApi, offsetForLeaderEpochApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from '../support/requests.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  await createTopic(client, 'present', 2);
  await createTopic(client, 'compacted', 1, { 'cleanup.policy': 'compact' });
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

describe('DeleteRecords and offsets', () => {
  test('the start moves for ListOffsets and Fetch, and stays moved', async () => {
    await createTopic(client, 'trimmed');
    for (let i = 0; i < 5; i++) await produceOne(client, 'trimmed', makeBatch([`v${i}`], { timestampMs: 1000 + i }));
    const trim = async (topic: string, offset: number) =>
      (
        await client.send(deleteRecordsApi, 1, {
          topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
          timeoutMs: 100,
        })
      ).topics[0]?.partitions[0];
    await expect(trim('trimmed', 2)).resolves.toMatchObject({ errorCode: 0, lowWatermark: 2 });
    await expect(trim('trimmed', 9)).resolves.toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE });
    await expect(trim('missing', 0)).resolves.toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
    await expect(trim('compacted', 0)).resolves.toMatchObject({ errorCode: ErrorCode.POLICY_VIOLATION });
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(listOffset(client, 'trimmed', -2)).resolves.toBe(2);
    await expect(listOffset(client, 'trimmed', -1)).resolves.toBe(5);
    await expect(listOffset(client, 'trimmed', 0)).resolves.toBe(2);
    await expect(listOffset(client, 'trimmed', 1004)).resolves.toBe(4);
    await expect(listOffset(client, 'trimmed', 1005)).resolves.toBe(-1);
    await expect(fetchOne(client, 'trimmed', 1)).resolves.toMatchObject({
      errorCode: ErrorCode.OFFSET_OUT_OF_RANGE,
      logStartOffset: 2,
    });
  });

  test.each([1, 2, 3, 4, 5])('ListOffsets version %d answers the end', async (version) => {
    const { topics } = await client.send(listOffsetsApi, version, {
      topics: [{ name: 'present', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, offset: 0 });
  });

  test.each([-3, -4, -99])(
    'ListOffsets refuses the timestamp %d, which a later version gives a meaning',
    async (timestamp) => {
      const { topics } = await client.send(listOffsetsApi, 5, {
        topics: [{ name: 'present', partitions: [{ partitionIndex: 0, timestamp }] }],
      });
      expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, offset: -1 });
    },
  );

  test('OffsetForLeaderEpoch answers where the epoch ends', async () => {
    await createTopic(client, 'epochs');
    await produceOne(client, 'epochs', makeBatch(['a', 'b']));
    const ask = async (leaderEpoch: number) =>
      (
        await client.send(offsetForLeaderEpochApi, 3, {
          topics: [{ topic: 'epochs', partitions: [{ partition: 0, leaderEpoch }] }],
        })
      ).topics[0]?.partitions[0];
    await expect(ask(0)).resolves.toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 });
    await expect(ask(5)).resolves.toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
  });
});
