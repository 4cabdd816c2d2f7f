import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiVersionsApi, ErrorCode, fetchApi, metadataApi, produceApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { makeBatch } from '../support/batches.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from '../support/requests.ts';

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  await createTopic(client, 't');
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

const send = (via: RawClient = client) => produceOne(via, 't', makeBatch(['a']));
const end = () => listOffset(client, 't', -1);

describe('BrokerControl', () => {
  test('fails the nth request and so many after it, without handling them', async () => {
    const before = await end();
    broker.control.fail(produceApi.key, { errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, nth: 2, times: 2 });
    const codes: number[] = [];
    for (let i = 0; i < 5; i++) codes.push((await send()).errorCode);
    expect(codes).toEqual([0, 6, 6, 0, 0]);
    await expect(end()).resolves.toBe(before + 3);
  });

  test('drops a connection before or after the request took effect', async () => {
    const before = await end();
    const first = await RawClient.connect(broker.port);
    broker.control.drop(produceApi.key);
    await expect(send(first)).rejects.toThrow('closed');
    await expect(end()).resolves.toBe(before);
    const second = await RawClient.connect(broker.port);
    broker.control.drop(produceApi.key, { afterHandling: true });
    await expect(send(second)).rejects.toThrow('closed');
    await expect(end()).resolves.toBe(before + 1);
  });

  test('delays a request, which parks its connection only', async () => {
    const slow = await RawClient.connect(broker.port);
    const order: string[] = [];
    broker.control.delay(metadataApi.key, { delayMs: 500 });
    const delayed = slow.send(metadataApi, 5, { topics: [] }).then(() => order.push('delayed'));
    await client.send(apiVersionsApi, 0, {}).then(() => order.push('other'));
    await delayed;
    expect(order).toEqual(['other', 'delayed']);
    await slow.close();
  });

  test('an interceptor sees requests decoded until it is taken out', async () => {
    const seen: unknown[] = [];
    const remove = broker.control.intercept(fetchApi.key, (request, { clientId, apiVersion }) => {
      seen.push([clientId, apiVersion, (request as { readonly minBytes: number }).minBytes]);
      return undefined;
    });
    await fetchOne(client, 't', 0);
    remove();
    await fetchOne(client, 't', 0);
    expect(seen).toEqual([['test', 11, 1]]);
  });

  test('counts requests by API', async () => {
    const before = broker.control.requestCount(apiVersionsApi.key);
    await client.send(apiVersionsApi, 0, {});
    expect(broker.control.requestCount(apiVersionsApi.key)).toBe(before + 1);
  });

  test('every API that is served can be failed, and others cannot', async () => {
    const { apiKeys } = await client.send(apiVersionsApi, 0, {});
    for (const { apiKey } of apiKeys) broker.control.fail(apiKey, { errorCode: 1 })();
    expect(() => broker.control.fail(999, { errorCode: 1 })).toThrow('API 999');
  });
});
