import { expect } from '@jest/globals';
import kafkajs from 'kafkajs';
import type { IntegrationCase } from './integration-case.ts';
import { consume, newTopic, withAdmin, withProducer } from './kafkajs-client.ts';

const text = (value: Buffer | null): string | null => (value === null ? null : value.toString());
const numbered = (count: number): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i % 7}`, value: `v${i}` }));

export const produceCases: readonly IntegrationCase[] = [
  {
    name: 'a record comes back with its key, value, headers and timestamp',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'round-trip');
      const timestamp = String(Date.now() - 5000);
      await withProducer(brokers, (producer) =>
        producer.send({
          topic,
          messages: [{ key: 'ключ', value: 'värde', headers: { trace: 'abc', empty: '' }, timestamp }],
        }),
      );
      const [message] = await consume(brokers, topic, 1);
      expect(text(message!.key)).toBe('ключ');
      expect(text(message!.value)).toBe('värde');
      expect(message!.headers!['trace']!.toString()).toBe('abc');
      expect(message!.headers!['empty']!.toString()).toBe('');
      expect(message!.timestamp).toBe(timestamp);
      expect(message!.offset).toBe('0');
    },
  },
  {
    name: 'null keys, null values and empty values stay what they are',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'nulls');
      await withProducer(brokers, (producer) =>
        producer.send({
          topic,
          messages: [
            { key: null, value: 'no key' },
            { key: 'tombstone', value: null },
            { key: '', value: '' },
          ],
        }),
      );
      const messages = await consume(brokers, topic, 3);
      expect(messages.map((message) => [text(message.key), text(message.value)])).toEqual([
        [null, 'no key'],
        ['tombstone', null],
        ['', ''],
      ]);
    },
  },
  {
    name: 'offsets are consecutive from 0 and order is kept in a partition',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'order');
      await withProducer(brokers, async (producer) => {
        for (let i = 0; i < 10; i++) {
          await producer.send({ topic, messages: numbered(20).map(({ value }) => ({ value: `${i}-${value}` })) });
        }
      });
      const messages = await consume(brokers, topic, 200);
      expect(messages.map((message) => Number(message.offset))).toEqual(Array.from({ length: 200 }, (_, i) => i));
      expect(text(messages[199]!.value)).toBe('9-v19');
    },
  },
  {
    name: 'the answer to a produce carries the base offset of each partition',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'base-offset', 2);
      const results = await withProducer(brokers, async (producer) => {
        await producer.send({
          topic,
          messages: [
            { partition: 1, value: 'a' },
            { partition: 1, value: 'b' },
          ],
        });
        return producer.send({
          topic,
          messages: [
            { partition: 0, value: 'c' },
            { partition: 1, value: 'd' },
          ],
        });
      });
      const bases = new Map(results.map((result) => [result.partition, result.baseOffset]));
      expect(bases.get(0)).toBe('0');
      expect(bases.get(1)).toBe('2');
    },
  },
  {
    name: 'gzip batches come back whole',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'gzip');
      await withProducer(brokers, (producer) =>
        producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages: numbered(500) }),
      );
      const messages = await consume(brokers, topic, 500);
      expect(messages.map((message) => text(message.value))).toEqual(numbered(500).map(({ value }) => value));
    },
  },
  {
    name: 'an idempotent producer writes 200 concurrent sends once each',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'idempotent');
      await withProducer(
        brokers,
        (producer) => Promise.all(numbered(200).map(({ value }) => producer.send({ topic, messages: [{ value }] }))),
        { idempotent: true },
      );
      const messages = await consume(brokers, topic, 200);
      expect(messages).toHaveLength(200);
      expect(new Set(messages.map((message) => text(message.value))).size).toBe(200);
    },
  },
  {
    name: 'a message of 900 kB passes and one above max.message.bytes is refused',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'size');
      await withProducer(brokers, async (producer) => {
        await producer.send({ topic, messages: [{ value: Buffer.alloc(900_000, 1) }] });
        await expect(producer.send({ topic, messages: [{ value: Buffer.alloc(1_200_000, 1) }] })).rejects.toMatchObject(
          {
            type: 'MESSAGE_TOO_LARGE',
          },
        );
      });
      const [message] = await consume(brokers, topic, 1);
      expect(message!.value).toHaveLength(900_000);
    },
  },
  {
    name: 'a topic with LogAppendTime stamps records itself',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'append-time', 1, { 'message.timestamp.type': 'LogAppendTime' });
      const before = Date.now();
      await withProducer(brokers, (producer) =>
        producer.send({ topic, messages: [{ value: 'x', timestamp: '1000' }] }),
      );
      const [message] = await consume(brokers, topic, 1);
      expect(Number(message!.timestamp)).toBeGreaterThanOrEqual(before - 1000);
    },
  },
  {
    name: 'a record without a key is refused by a compacted topic',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'compacted', 1, { 'cleanup.policy': 'compact' });
      await withProducer(brokers, async (producer) => {
        await expect(producer.send({ topic, messages: [{ value: 'no key' }] })).rejects.toThrow();
        await producer.send({ topic, messages: [{ key: 'k', value: 'v' }] });
      });
      const messages = await consume(brokers, topic, 1);
      expect(messages.map((message) => text(message.key))).toEqual(['k']);
    },
  },
  {
    name: 'producing to a topic that does not exist fails and creates nothing',
    run: async (brokers) => {
      const missing = 'it-not-there';
      await withProducer(brokers, async (producer) => {
        await expect(producer.send({ topic: missing, messages: [{ value: 'x' }] })).rejects.toThrow();
      });
      expect(await withAdmin(brokers, (admin) => admin.listTopics())).not.toContain(missing);
    },
  },
];
