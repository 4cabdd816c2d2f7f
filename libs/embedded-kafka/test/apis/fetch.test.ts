import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deleteTopicsApi, ErrorCode, fetchApi, produceApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch, readValues } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, fetchRequest, produceOne } from '../support/requests.ts';

let broker: TestBroker;
let client: RawClient;
let waiting: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  waiting = await RawClient.connect(broker.port);
});

afterAll(async () => {
  await client.close();
  await waiting.close();
  await broker.close();
});

const LONG_MS = 60_000;

describe('Fetch', () => {
  test.each([4, 5, 6, 7, 8, 9, 10, 11])('version %d answers the records with the high watermark', async (version) => {
    const topic = `version-${version}`;
    await createTopic(client, topic);
    await produceOne(client, topic, makeBatch(['a', 'b']));
    const partition = await fetchOne(client, topic, 0, { version });
    expect(partition).toMatchObject({ errorCode: 0, highWatermark: 2, lastStableOffset: 2 });
    expect(readValues(partition.records)).toEqual(['0:a', '1:b']);
  });

  test('waits for minBytes and is woken by the produce that brings them', async () => {
    await createTopic(client, 'min-bytes');
    await produceOne(client, 'min-bytes', makeBatch(['a']));
    const value = 'x'.repeat(500);
    const fetched = fetchOne(waiting, 'min-bytes', 0, { maxWaitMs: LONG_MS, minBytes: 1000 });
    let answered = false;
    void fetched.then(() => (answered = true));
    await produceOne(client, 'min-bytes', makeBatch([value]));
    await fetchOne(client, 'min-bytes', 0);
    expect(answered).toBe(false);
    await produceOne(client, 'min-bytes', makeBatch([value]));
    expect(readValues((await fetched).records)).toEqual(['0:a', `1:${value}`, `2:${value}`]);
  });

  test('answers with what there is after maxWaitMs', async () => {
    await createTopic(client, 'max-wait');
    await expect(fetchOne(client, 'max-wait', 0, { maxWaitMs: 20 })).resolves.toMatchObject({
      errorCode: 0,
      highWatermark: 0,
    });
  });

  test('one wake-up sees all partitions of the produce request', async () => {
    await createTopic(client, 'together', 2);
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1000 }));
    const fetched = waiting.send(fetchApi, 11, {
      maxWaitMs: LONG_MS,
      minBytes: 1,
      topics: [{ topic: 'together', partitions }],
    });
    await fetchOne(client, 'together', 0);
    const partitionData = [0, 1].map((index) => ({ index, records: makeBatch([`p${index}`]) }));
    await client.send(produceApi, 8, { acks: -1, timeoutMs: 1000, topicData: [{ name: 'together', partitionData }] });
    const { responses } = await fetched;
    expect(responses[0]?.partitions.map(({ records }) => readValues(records))).toEqual([['0:p0'], ['0:p1']]);
  });

  test('an offset outside the log is OFFSET_OUT_OF_RANGE at once, with the high watermark', async () => {
    await createTopic(client, 'out-of-range');
    await produceOne(client, 'out-of-range', makeBatch(['a']));
    const partition = await fetchOne(client, 'out-of-range', 2, { maxWaitMs: LONG_MS });
    expect(partition).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, highWatermark: 1, logStartOffset: 0 });
  });

  test('an unknown partition is answered at once, beside the others', async () => {
    await createTopic(client, 'known');
    await produceOne(client, 'known', makeBatch(['a']));
    const request = fetchRequest('known', 0, { maxWaitMs: LONG_MS, minBytes: 1_000_000 });
    const unknown = fetchRequest('unknown', 0).topics;
    const { responses } = await client.send(fetchApi, 11, { ...request, topics: [...request.topics, ...unknown] });
    expect(responses.map(({ partitions }) => partitions[0]?.errorCode)).toEqual([
      0,
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect(readValues(responses[0]?.partitions[0]?.records ?? null)).toEqual(['0:a']);
  });

  test('a parked Fetch is answered when its topic is deleted', async () => {
    await createTopic(client, 'doomed');
    const fetched = fetchOne(waiting, 'doomed', 0, { maxWaitMs: LONG_MS });
    await fetchOne(client, 'doomed', 0);
    await client.send(deleteTopicsApi, 3, { topicNames: ['doomed'], timeoutMs: 1000 });
    await expect(fetched).resolves.toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION });
  });

  test('limits hold over all partitions, but the first one with records gives a batch whatever its size', async () => {
    await createTopic(client, 'limits', 2);
    const big = makeBatch(['x'.repeat(5000)]);
    for (const partition of [0, 1]) await produceOne(client, 'limits', Buffer.from(big), { partition });
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }));
    const ask = (maxBytes: number) =>
      client.send(fetchApi, 11, { maxWaitMs: 0, minBytes: 1, maxBytes, topics: [{ topic: 'limits', partitions }] });
    const sizes = async (maxBytes: number) =>
      (await ask(maxBytes)).responses[0]?.partitions.map(({ records }) => records?.length);
    await expect(sizes(100)).resolves.toEqual([big.length, 0]);
    await expect(sizes(50_000)).resolves.toEqual([big.length, big.length]);
  });

  test('does not wait for minBytes when the log goes on in a later segment', async () => {
    await createTopic(client, 'two-segments', 1, { 'segment.bytes': '100' });
    for (const value of ['a', 'b']) await produceOne(client, 'two-segments', makeBatch([value]));
    const first = await fetchOne(client, 'two-segments', 0, { minBytes: 1_000_000, maxWaitMs: LONG_MS });
    expect(readValues(first.records)).toEqual(['0:a']);
  });

  test('a request for no partition at all is answered at once', async () => {
    const empty = { maxWaitMs: LONG_MS, minBytes: 1, topics: [] };
    await expect(client.send(fetchApi, 11, empty)).resolves.toMatchObject({ errorCode: 0, responses: [] });
  });

  test.each([
    [-1, -1],
    [5, -1],
    [5, 0],
  ])('a whole fetch that names session %i at epoch %i was refused', async (sessionId, sessionEpoch) => {
    await createTopic(client, `whole${sessionId}${sessionEpoch}`);
    const request = fetchRequest(`whole${sessionId}${sessionEpoch}`, 0);
    await expect(client.send(fetchApi, 11, { ...request, sessionId, sessionEpoch })).resolves.toMatchObject({
      errorCode: 0,
      sessionId: 0,
      responses: [{ partitions: [{ errorCode: 0 }] }],
    });
  });

  test('there are no sessions: session id 0 always, and another one is not found', async () => {
    await createTopic(client, 'sessionless');
    const request = fetchRequest('sessionless', 0);
    await expect(client.send(fetchApi, 11, { ...request, sessionId: 0, sessionEpoch: 0 })).resolves.toMatchObject({
      errorCode: 0,
      sessionId: 0,
    });
    await expect(client.send(fetchApi, 11, { ...request, sessionId: 5, sessionEpoch: 1 })).resolves.toMatchObject({
      errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
    });
  });

  test.each([
    ['no', -1, ErrorCode.NONE],
    ['the same', 0, ErrorCode.NONE],
    ['a newer', 1, ErrorCode.UNKNOWN_LEADER_EPOCH],
  ])('a client with %s leader epoch (%d) gets the right error', async (_, currentLeaderEpoch, errorCode) => {
    await createTopic(client, `epoch${currentLeaderEpoch}`);
    await expect(fetchOne(client, `epoch${currentLeaderEpoch}`, 0, { currentLeaderEpoch })).resolves.toMatchObject({
      errorCode,
    });
  });

  test('a read_committed reader gets an empty list of aborted transactions, another one null', async () => {
    await createTopic(client, 'isolation');
    await expect(fetchOne(client, 'isolation', 0, { isolationLevel: 1 })).resolves.toMatchObject({
      abortedTransactions: [],
    });
    await expect(fetchOne(client, 'isolation', 0, { isolationLevel: 0 })).resolves.toMatchObject({
      abortedTransactions: null,
    });
  });
});
