import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  apiVersionsApi,
  decodeResponse,
  endTxnApi,
  ErrorCode,
  fetchApi,
  initProducerIdApi,
  metadataApi,
  produceApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch, readValues } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, fetchRequest, listOffset, produceOne, produceRequest } from '../support/requests.ts';
import { until } from '../support/until.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker({ maxConnections: 20, maxFrameBytes: 2_000_000 });
  client = await RawClient.connect(broker.port);
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

function requestHead(apiKey: number, version: number, correlationId: number): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt32BE(10, 0);
  head.writeInt16BE(apiKey, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(correlationId, 8);
  head.writeInt16BE(-1, 12);
  return head;
}

describe('ApiVersions', () => {
  test.each([0, 1, 2, 3])('version %d lists every API that is served and no other', async (version) => {
    const { errorCode, apiKeys } = await client.send(apiVersionsApi, version, {
      clientSoftwareName: 'test',
      clientSoftwareVersion: '1',
    });
    expect(errorCode).toBe(ErrorCode.NONE);
    const served = new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]));
    expect(served.get(metadataApi.key)).toEqual([0, 8]);
    expect(served.get(fetchApi.key)).toEqual([4, 11]);
    const transactional = [initProducerIdApi, addPartitionsToTxnApi, addOffsetsToTxnApi, endTxnApi, txnOffsetCommitApi];
    expect(transactional.map(({ key }) => served.get(key))).toEqual([
      [0, 4],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 3],
    ]);
    // WriteTxnMarkers is for brokers among each other.
    expect(served.has(27)).toBe(false);
  });

  test('reports Produce from version 0 on, or librdkafka sends nothing compressed', async () => {
    const { apiKeys } = await client.send(apiVersionsApi, 0, {});
    expect(apiKeys.find(({ apiKey }) => apiKey === produceApi.key)).toMatchObject({ minVersion: 0, maxVersion: 8 });
  });

  test('a version that nobody knows is answered with a version 0 body, error 35 and the whole list', async () => {
    client.sendBytes(requestHead(apiVersionsApi.key, 99, 4711));
    const response = decodeResponse(apiVersionsApi, 0, await client.nextPayload(4711));
    expect(response.errorCode).toBe(ErrorCode.UNSUPPORTED_VERSION);
    expect(response.apiKeys.length).toBeGreaterThan(10);
  });
});

describe('what cannot be served costs its connection and no other', () => {
  test.each([
    ['an unknown API', requestHead(999, 0, 1)],
    ['an unknown version of a known API', requestHead(metadataApi.key, 99, 1)],
    ['Produce in a version that is reported but not served', requestHead(produceApi.key, 2, 1)],
    ['a body that ends early', requestHead(fetchApi.key, 11, 1)],
    ['a frame longer than maxFrameBytes', Buffer.from([0x7f, 0, 0, 0])],
    ['a frame of negative size', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a frame without room for a header', Buffer.from([0, 0, 0, 1, 0])],
  ])('%s', async (_, bytes) => {
    const victim = await RawClient.connect(broker.port);
    victim.sendBytes(bytes);
    await victim.closed;
    const { errorCode } = await client.send(apiVersionsApi, 0, {});
    expect(errorCode).toBe(ErrorCode.NONE);
  });

  test('connections beyond maxConnections are closed at once', async () => {
    const extra = await Promise.all(Array.from({ length: 25 }, () => RawClient.connect(broker.port)));
    let closed = 0;
    for (const each of extra) void each.closed.then(() => closed++);
    await until(() => closed >= 6);
    expect(closed).toBe(6);
    await Promise.all(extra.map((each) => each.close()));
    await until(async () => (await RawClient.connect(broker.port).then((again) => again.close())) === undefined);
  });
});

describe('order', () => {
  test('answers leave in the order of the requests, and a parked Fetch parks only its own connection', async () => {
    await createTopic(client, 'parked');
    const parked = await RawClient.connect(broker.port);
    const order: string[] = [];
    // The client itself insists on answers in the order of its requests; here it is seen that the first one waits.
    const fetched = parked.send(fetchApi, 11, fetchRequest('parked', 0, { maxWaitMs: 60_000 }));
    const behind = parked.send(metadataApi, 5, { topics: [] });
    void fetched.then(() => order.push('fetch'));
    void behind.then(() => order.push('metadata'));
    await client.send(metadataApi, 5, { topics: [] });
    expect(order).toEqual([]);
    await produceOne(client, 'parked', makeBatch(['a']));
    await behind;
    expect(order).toEqual(['fetch', 'metadata']);
    expect(readValues((await fetched).responses[0]?.partitions[0]?.records ?? null)).toEqual(['0:a']);
    await parked.close();
  });

  test('pipelined produces are appended in the order they were sent', async () => {
    await createTopic(client, 'pipelined');
    const offsets = await Promise.all(
      Array.from({ length: 50 }, (_, i) => produceOne(client, 'pipelined', makeBatch([`v${i}`]))),
    );
    expect(offsets.map(({ baseOffset }) => baseOffset)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test("acks 0 has no response: the next answer is the next request's", async () => {
    await createTopic(client, 'unacknowledged');
    client.sendOnly(produceApi, 7, produceRequest('unacknowledged', makeBatch(['a']), { acks: 0 }));
    await expect(listOffset(client, 'unacknowledged', -1)).resolves.toBe(1);
  });

  test('acks 0 that fails costs the connection, because nothing else would tell the client', async () => {
    const careless = await RawClient.connect(broker.port);
    careless.sendOnly(produceApi, 7, produceRequest('no-such-topic', makeBatch(['a']), { acks: 0 }));
    await expect(careless.closed).resolves.toBeUndefined();
  });
});

test('parked work is cancelled when its client goes: nothing listens to the log any more', async () => {
  await createTopic(client, 'left');
  const leaving = await RawClient.connect(broker.port);
  leaving.sendOnly(fetchApi, 11, fetchRequest('left', 0, { maxWaitMs: 60_000 }));
  await until(() => broker.control.requestCount(fetchApi.key) > 0);
  let aborted = false;
  const stopWatching = broker.control.intercept(fetchApi.key, (_request, { signal }) => {
    signal.addEventListener('abort', () => (aborted = true));
    return undefined;
  });
  const watched = await RawClient.connect(broker.port);
  watched.sendOnly(fetchApi, 11, fetchRequest('left', 0, { maxWaitMs: 60_000 }));
  await until(() => broker.control.requestCount(fetchApi.key) > 1);
  await Promise.all([leaving.close(), watched.close()]);
  await until(() => aborted);
  stopWatching();
  expect((await produceOne(client, 'left', makeBatch(['a']))).errorCode).toBe(ErrorCode.NONE);
});

test('a client that does not read is waited for and gets everything in order', async () => {
  await createTopic(client, 'slow');
  await produceOne(client, 'slow', makeBatch(['x'.repeat(900_000)]));
  const slow = await RawClient.connect(broker.port);
  slow.socket.pause();
  const answers = Array.from({ length: 30 }, () => fetchOne(slow, 'slow', 0));
  await listOffset(client, 'slow', -1);
  slow.socket.resume();
  for (const { records } of await Promise.all(answers)) expect(records?.length).toBeGreaterThan(900_000);
  await slow.close();
});
