import { expect, test } from '@jest/globals';
import { accountKey, topics } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { partitionOfKey } from '@playhead/stream-core/client';
import { NewestPosition } from '../../src/records/newest-position.ts';
import type { OffsetSource } from '../../src/records/newest-position.ts';

const PARTITIONS = 7;
const { heartbeats } = topics;

/** A topic of which each partition ends at its number. */
function source() {
  const asked: unknown[] = [];
  const client: OffsetSource = {
    partitionsOf: async (names) => {
      asked.push(names);
      return new Map(names.filter((name) => name === heartbeats.name).map((name) => [name, PARTITIONS]));
    },
    listOffsets: async (places, at) => {
      asked.push(at);
      return places.map((place) => ({ ...place, offset: place.partition, timestamp: -1 }));
    },
  };
  return { client, asked };
}

test('it is the last record of the partition that the account’s heartbeats are written to; −1 where there is none', async () => {
  const { client } = source();
  const newest = new NewestPosition(client, heartbeats.name);
  const key = heartbeats.key.open({ topic: heartbeats.name, part: 'key', schemas: new InMemorySchemas() });
  const found = new Set<number>();
  for (let i = 0; i < 100; i++) {
    const position = await newest.of({ tenant: 'demo', account: `acc ${i}` });
    const partition = partitionOfKey(key.serialize(accountKey('demo', `acc ${i}`)), PARTITIONS);
    expect(position).toEqual({ topic: heartbeats.name, partition, offset: partition - 1 });
    found.add(partition);
  }
  expect(found.size).toBe(PARTITIONS);
});

test('the number of partitions is asked for once, the end of the log each time', async () => {
  const { client, asked } = source();
  const newest = new NewestPosition(client, heartbeats.name);
  await newest.of({ tenant: 'demo', account: 'a' });
  await newest.of({ tenant: 'demo', account: 'b' });
  expect(asked).toEqual([[heartbeats.name], 'latest', 'latest']);
});

test('a topic that is not there is an error', async () => {
  const newest = new NewestPosition(source().client, 'other');
  await expect(newest.of({ tenant: 'demo', account: 'a' })).rejects.toThrow('there is no topic other');
});

test('a partition whose end the brokers did not tell was taken for one before its first record', async () => {
  const client: OffsetSource = {
    ...source().client,
    listOffsets: async (places) => places.map((place) => ({ ...place, offset: -1, timestamp: -1 })),
  };
  const newest = new NewestPosition(client, heartbeats.name);
  await expect(newest.of({ tenant: 'demo', account: 'a' })).rejects.toThrow(/the end of .* is not told/);
});

test('while Kafka is away no more than 64 wait for an answer, and when it is back there is room again', async () => {
  const { client } = source();
  const back = Promise.withResolvers<void>();
  const away: OffsetSource = {
    ...client,
    listOffsets: (...asked) => back.promise.then(() => client.listOffsets(...asked)),
  };
  const newest = new NewestPosition(away, heartbeats.name);
  const account = { tenant: 'demo', account: 'a' };
  const waiting = Array.from({ length: 64 }, () => newest.of(account));
  await expect(newest.of(account)).rejects.toThrow('64 wait for the end of');
  back.resolve();
  await Promise.all(waiting);
  await expect(newest.of(account)).resolves.toMatchObject({ topic: heartbeats.name });
});
