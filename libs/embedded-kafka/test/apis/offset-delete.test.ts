import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ErrorCode, joinGroupApi, offsetCommitApi, offsetDeleteApi, offsetFetchApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic } from '../support/requests.ts';

let broker: TestBroker;
let client: RawClient;

beforeAll(async () => {
  broker = await startTestBroker();
  client = await RawClient.connect(broker.port);
  for (const topic of ['read', 'unread']) await createTopic(client, topic);
});

afterAll(async () => {
  await client.close();
  await broker.close();
});

/** What a consumer of one topic tells its leader: version 0, the topic, no user data. */
function subscription(topic: string): Buffer {
  const bytes = Buffer.alloc(2 + 4 + 2 + topic.length + 4);
  bytes.writeInt32BE(1, 2);
  bytes.writeInt16BE(topic.length, 6);
  bytes.write(topic, 8);
  return bytes;
}

async function commitBoth(groupId: string): Promise<void> {
  const partitions = [{ partitionIndex: 0, committedOffset: 7, committedMetadata: null }];
  const topics = ['read', 'unread'].map((name) => ({ name, partitions }));
  await client.send(offsetCommitApi, 7, { groupId, topics });
}

async function forget(groupId: string, topic: string, partitionIndex = 0): Promise<readonly [number, number?]> {
  const topics = [{ name: topic, partitions: [{ partitionIndex }] }];
  const answer = await client.send(offsetDeleteApi, 0, { groupId, topics });
  const code = answer.topics[0]?.partitions[0]?.errorCode;
  return code === undefined ? [answer.errorCode] : [answer.errorCode, code];
}

async function committed(groupId: string, topic: string): Promise<number | undefined> {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  const answer = await client.send(offsetFetchApi, 5, { groupId, topics });
  return answer.topics[0]?.partitions[0]?.committedOffset;
}

describe('OffsetDelete', () => {
  test('forgets one offset of a group without members and keeps the others', async () => {
    await commitBoth('idle');
    await expect(forget('idle', 'unread')).resolves.toEqual([0, 0]);
    await expect(committed('idle', 'unread')).resolves.toBe(-1);
    await expect(committed('idle', 'read')).resolves.toBe(7);
  });

  test('says which group and which partition does not exist', async () => {
    await commitBoth('idle');
    await expect(forget('nobody', 'read')).resolves.toEqual([ErrorCode.GROUP_ID_NOT_FOUND]);
    await expect(forget('idle', 'read', 9)).resolves.toEqual([0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]);
  });

  test('refuses a topic that a member has subscribed to, and only that', async () => {
    const request = {
      groupId: 'busy',
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('read') }],
    };
    const { memberId } = await client.send(joinGroupApi, 5, { ...request, memberId: '' });
    await client.send(joinGroupApi, 5, { ...request, memberId });
    await expect(forget('busy', 'read')).resolves.toEqual([0, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC]);
    await expect(forget('busy', 'unread')).resolves.toEqual([0, 0]);
  });

  test('refuses groups that are no consumer groups as long as they have members', async () => {
    const request = {
      groupId: 'connect',
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'connect',
      protocols: [{ name: 'any', metadata: Buffer.from('?') }],
    };
    const { memberId } = await client.send(joinGroupApi, 5, { ...request, memberId: '' });
    await client.send(joinGroupApi, 5, { ...request, memberId });
    await expect(forget('connect', 'read')).resolves.toEqual([ErrorCode.NON_EMPTY_GROUP]);
  });
});
