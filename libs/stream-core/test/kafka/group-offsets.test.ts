import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { offsetCommitApi, offsetFetchApi, txnOffsetCommitApi } from '@playhead/kafka-protocol';
import { until } from './support/deadline.ts';
import { GroupScene } from './support/group-scene.ts';

let scene: GroupScene;

beforeEach(async () => {
  scene = await GroupScene.start();
});

afterEach(() => scene.close());

describe('offsets', () => {
  test('a commit is tried again while the coordinator loads or moves', async () => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    scene.group.answer('OffsetCommit', 14, 16);
    await member.commit([{ topic: 't', partition: 0, offset: 3 }]);
    expect(scene.group.commits).toHaveLength(1);
    expect(scene.broker.received(offsetCommitApi)).toHaveLength(3);
  });

  test.each([
    [22, 'ILLEGAL_GENERATION', 'lost: ILLEGAL_GENERATION'],
    [82, 'FENCED_INSTANCE_ID', 'error: FENCED_INSTANCE_ID'],
  ])('a commit answered with %i is refused, and the member draws the consequence', async (code, reason, line) => {
    const member = scene.makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await scene.joined(member);
    scene.group.answer('OffsetCommit', code);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({ reason });
    await until('the hook', () => scene.heard.includes(line));
  });

  test('a commit during a rebalance is refused, and the member rejoins without a loss', async () => {
    const member = scene.makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await scene.joined(member);
    scene.group.answer('OffsetCommit', 27);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      recovery: 'rejoin',
    });
    await scene.joined(member, 2);
    expect(scene.heard.slice(1)).toEqual(['revoked', 'assigned 4 partitions in 2']);
  });

  test('a commit that is refused for what it says leaves the member where it is', async () => {
    const member = scene.makeMember();
    member.start();
    await scene.joined(member);
    scene.group.answer('OffsetCommit', 12);
    await expect(member.commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      reason: 'OFFSET_METADATA_TOO_LARGE',
    });
    expect([member.state, scene.heard]).toEqual(['stable', ['assigned 4 partitions in 1']]);
  });

  test.each([
    [47, 'INVALID_PRODUCER_EPOCH'],
    [90, 'PRODUCER_FENCED'],
  ])('a producer that is fenced during a transactional commit (%i) costs the member nothing', async (code, reason) => {
    const member = scene.makeMember({ heartbeatIntervalMs: 60_000 });
    member.start();
    await scene.joined(member);
    scene.broker.on(txnOffsetCommitApi, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
      })),
    }));
    const transaction = { transactionalId: 'x', producerId: 1, producerEpoch: 0 };
    await expect(
      member.commitInTransaction(transaction, [{ topic: 't', partition: 0, offset: 3 }]),
    ).rejects.toMatchObject({ reason, recovery: 'fenced' });
    await member.commit([{ topic: 't', partition: 0, offset: 3 }]);
    expect([member.state, scene.heard]).toEqual(['stable', ['assigned 4 partitions in 1']]);
  });

  test('a commit of one who is no member is refused', async () => {
    await expect(scene.makeMember().commit([{ topic: 't', partition: 0, offset: 3 }])).rejects.toMatchObject({
      recovery: 'rejoin',
    });
  });

  test('committed offsets come in the order asked for, and an undecided one is waited for', async () => {
    scene.group.answer('OffsetFetch', 88);
    const partitions = [
      { topic: 't', partition: 3 },
      { topic: 't', partition: 0 },
    ];
    expect(await scene.makeMember().committed(partitions)).toEqual([
      undefined,
      { offset: 42, leaderEpoch: -1, metadata: 'm' },
    ]);
    expect(scene.broker.received(offsetFetchApi)[0]?.body).toMatchObject({ requireStable: true });
  });
});
