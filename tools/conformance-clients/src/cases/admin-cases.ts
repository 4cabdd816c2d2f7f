import assert from 'node:assert/strict';
import type { ClientDriver } from '../drivers/client-driver.ts';
import { waitUntil } from '../wait-until.ts';
import type { CaseContext, ConformanceCase } from './conformance-case.ts';

/** The life of a topic, of its settings, of a group and its offsets. */
export const administersTopicsAndGroups: ConformanceCase = {
  capability: 'admin',
  name: 'administers-topics-and-groups',
  kind: 'client',
  needs: ['createTopic', 'listGroups'],
  async run(context) {
    const topic = context.unique('administered');
    const admin = context.open();
    await administerTopic(admin, context, topic);
    await administerGroup(admin, context, topic);
    await admin.call('deleteTopic', { topic });
    await waitUntil(
      'the topic to be gone',
      () => context.own.topics(),
      (topics) => !topics.includes(topic),
      10_000,
    );
  },
};

async function administerTopic(admin: ClientDriver, { own }: CaseContext, topic: string): Promise<void> {
  const configs = { 'cleanup.policy': 'compact', 'retention.ms': '3600000' };
  await admin.call('createTopic', { topic, partitions: 2, configs });
  // What a controller has decided a broker may know a little later.
  const partitions = () => admin.call('describeTopic', { topic });
  await waitUntil('two partitions', partitions, (count) => count === 2, 10_000);
  assert.ok((await admin.call('listTopics', {})).includes(topic), 'the new topic in the list');
  assert.equal(await admin.call('describeConfig', { topic, name: 'cleanup.policy' }), 'compact');
  assert.equal(await admin.call('describeConfig', { topic, name: 'retention.ms' }), '3600000');
  await admin.call('alterConfig', { topic, name: 'cleanup.policy', value: 'delete' });
  const policy = () => admin.call('describeConfig', { topic, name: 'cleanup.policy' });
  await waitUntil('the setting to be changed', policy, (value) => value === 'delete', 10_000);
  await admin.call('growTopic', { topic, partitions: 4 });
  await waitUntil('four partitions', partitions, (count) => count === 4, 10_000);
  await assert.rejects(admin.call('createTopic', { topic, partitions: 1, configs: {} }), 'a topic that exists');
  await own.send(topic, ['a', 'b', 'c']);
  await admin.call('deleteRecords', { topic, partition: 0, before: 2 });
  const left = await admin.call('read', { topic, partition: 0, isolation: 'read_committed', from: 2 });
  assert.deepEqual(
    left.map(({ value }) => value),
    ['c'],
    'records after deleting those before offset 2',
  );
}

async function administerGroup(admin: ClientDriver, context: CaseContext, topic: string): Promise<void> {
  const group = context.unique('administered-group');
  const member = context.open();
  const at = { group, topic, partition: 0 };
  await member.call('join', { group, topic });
  const received: string[] = [];
  const poll = async (): Promise<readonly string[]> => {
    const { records } = await member.call('poll', { forMs: 200 });
    received.push(...records.map(({ value }) => value));
    return received;
  };
  await waitUntil('the record that is left', poll, (values) => values.length === 1);
  assert.ok((await admin.call('listGroups', {})).includes(group), 'the group in the list');
  const { state, members } = await admin.call('describeGroup', { group });
  assert.deepEqual([state.toUpperCase(), members], ['STABLE', 1], 'the group with its member');
  assert.equal(await admin.call('committed', at), 3, 'the committed offset');
  await member.call('leave', {});
  const described = async () => (await admin.call('describeGroup', { group })).state.toUpperCase();
  await waitUntil('the group to be empty', described, (now) => now === 'EMPTY');
  if (context.can('alterOffset')) {
    await admin.call('alterOffset', { ...at, offset: 1 });
    assert.equal(await admin.call('committed', at), 1, 'the altered offset');
  }
  if (context.can('deleteOffset')) {
    await admin.call('deleteOffset', at);
    assert.equal(await admin.call('committed', at), -1, 'the deleted offset');
  }
  if (context.can('deleteGroup')) {
    await admin.call('deleteGroup', { group });
    assert.ok(!(await admin.call('listGroups', {})).includes(group), 'the deleted group in the list');
  }
}

/** What kcat can say about a cluster. */
export const listsTopicsAndPartitions: ConformanceCase = {
  capability: 'admin',
  name: 'lists-topics-and-partitions',
  kind: 'client',
  needs: ['listTopics', 'describeTopic'],
  async run({ open, own, unique }) {
    const topic = unique('listed');
    await own.createTopic(topic, 3);
    const driver = open();
    assert.ok((await driver.call('listTopics', {})).includes(topic), 'the topic in the list');
    assert.equal(await driver.call('describeTopic', { topic }), 3, 'its partitions');
  },
};
