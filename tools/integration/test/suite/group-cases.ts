import { expect } from '@jest/globals';
import { eventually, type IntegrationCase, uniqueName } from './integration-case.ts';
import { kafkaOf, newTopic, subscribe, type Subscription, withAdmin, withProducer } from './kafkajs-client.ts';

const send = (brokers: readonly string[], topic: string, values: readonly string[], partitions = 1): Promise<unknown> =>
  withProducer(brokers, (producer) =>
    producer.send({ topic, messages: values.map((value, i) => ({ value, partition: i % partitions })) }),
  );

const values = (subscription: Subscription): string[] =>
  subscription.messages.map((message) => message.value!.toString());

const partitionsOf = async (brokers: readonly string[], groupId: string): Promise<number> =>
  withAdmin(brokers, async (admin) => (await admin.describeGroups([groupId])).groups[0]!.members.length);

export const groupCases: readonly IntegrationCase[] = [
  {
    name: 'a group goes on from its committed offset',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'resume');
      const groupId = uniqueName('group');
      await send(brokers, topic, ['a', 'b', 'c']);
      const first = await subscribe(brokers, topic, { groupId });
      await eventually('three messages', () => (first.messages.length === 3 ? true : undefined));
      await first.close();
      await send(brokers, topic, ['d']);
      const second = await subscribe(brokers, topic, { groupId });
      await eventually('the fourth message', () => (second.messages.length > 0 ? true : undefined));
      expect(values(second)).toEqual(['d']);
      await second.close();
    },
  },
  {
    name: 'two members share the partitions and the one that stays takes all',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'share', 4);
      const groupId = uniqueName('group');
      const one = await subscribe(brokers, topic, { groupId });
      const two = await subscribe(brokers, topic, { groupId });
      await eventually('two members', async () => ((await partitionsOf(brokers, groupId)) === 2 ? true : undefined));
      await eventually('messages at both', async () => {
        await send(brokers, topic, ['1', '2', '3', '4'], 4);
        return one.messages.length > 0 && two.messages.length > 0 ? true : undefined;
      });
      await two.close();
      one.messages.length = 0;
      await eventually('all partitions at the one that stays', async () => {
        await send(brokers, topic, ['1', '2', '3', '4'], 4);
        return new Set(one.messages.map((message) => message.partition)).size === 4 ? true : undefined;
      });
      expect(new Set(one.messages.map((message) => message.partition))).toEqual(new Set([0, 1, 2, 3]));
      await one.close();
    },
  },
  {
    name: 'a described group names its protocol, state and members',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'describe', 2);
      const groupId = uniqueName('group');
      const subscription = await subscribe(brokers, topic, { groupId });
      const group = await eventually('a stable group', async () => {
        const described = (await withAdmin(brokers, (admin) => admin.describeGroups([groupId]))).groups[0]!;
        return described.state === 'Stable' ? described : undefined;
      });
      expect(group.protocolType).toBe('consumer');
      expect(group.members).toHaveLength(1);
      expect(group.members[0]!.clientId).toBe('integration');
      await subscription.close();
    },
  },
  {
    name: 'groups are listed, and an empty one can be deleted with its offsets',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete-group');
      const groupId = uniqueName('group');
      await send(brokers, topic, ['a']);
      const subscription = await subscribe(brokers, topic, { groupId });
      await eventually('a message', () => (subscription.messages.length > 0 ? true : undefined));
      await subscription.close();
      await withAdmin(brokers, async (admin) => {
        expect((await admin.listGroups()).groups.map((group) => group.groupId)).toContain(groupId);
        await admin.deleteGroups([groupId]);
        expect((await admin.listGroups()).groups.map((group) => group.groupId)).not.toContain(groupId);
      });
    },
  },
  {
    name: 'a group with members cannot be deleted',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'delete-busy');
      const groupId = uniqueName('group');
      const subscription = await subscribe(brokers, topic, { groupId });
      await eventually('a member', async () => ((await partitionsOf(brokers, groupId)) === 1 ? true : undefined));
      await withAdmin(brokers, async (admin) => {
        await expect(admin.deleteGroups([groupId])).rejects.toThrow();
      });
      await subscription.close();
    },
  },
  {
    name: 'an administrator sets the offsets of an empty group',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'set-offsets');
      const groupId = uniqueName('group');
      await send(brokers, topic, ['a', 'b', 'c', 'd']);
      await withAdmin(brokers, (admin) =>
        admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '2' }] }),
      );
      const subscription = await subscribe(brokers, topic, { groupId });
      await eventually('two messages', () => (subscription.messages.length >= 2 ? true : undefined));
      expect(values(subscription)).toEqual(['c', 'd']);
      await subscription.close();
    },
  },
  {
    name: 'an offset outside the log starts at the beginning when the consumer asks so',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'out-of-range');
      const groupId = uniqueName('group');
      await send(brokers, topic, ['a', 'b']);
      await withAdmin(brokers, (admin) =>
        admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '999' }] }),
      );
      const subscription = await subscribe(brokers, topic, { groupId });
      await eventually('messages from the beginning', () => (subscription.messages.length >= 2 ? true : undefined));
      expect(values(subscription).slice(0, 2)).toEqual(['a', 'b']);
      await subscription.close();
    },
  },
  {
    name: 'a seek is obeyed',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'seek');
      await send(brokers, topic, ['a', 'b', 'c', 'd', 'e']);
      const consumer = kafkaOf(brokers).consumer({ groupId: uniqueName('group'), maxWaitTimeInMs: 100 });
      const seen: string[] = [];
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          seen.push(message.value!.toString());
        },
      });
      consumer.seek({ topic, partition: 0, offset: '3' });
      await eventually('messages from the sought offset', () => (seen.includes('e') ? true : undefined));
      expect(seen).toEqual(['d', 'e']);
      await consumer.disconnect();
    },
  },
  {
    name: 'a waiting fetch is answered as soon as a record arrives',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'long-poll');
      const consumer = kafkaOf(brokers).consumer({ groupId: uniqueName('group'), maxWaitTimeInMs: 4000 });
      const seen: string[] = [];
      const joined = new Promise<void>((resolve) => {
        consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      });
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => {
          seen.push(message.value!.toString());
        },
      });
      await joined;
      await send(brokers, topic, ['now']);
      await eventually(
        'the record well before the fetch would time out',
        () => (seen.length > 0 ? true : undefined),
        2500,
      );
      expect(seen).toEqual(['now']);
      await consumer.disconnect();
    },
  },
];
