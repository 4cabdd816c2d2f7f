import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { serdes, stores } from '@playhead/stream-core';
import { RedisBackend } from '../../src/runtime/storage/redis/redis-backend.ts';
import { StorageOutages } from '../../src/runtime/storage/storage-outages.ts';
import { FencedStorageError } from '../../src/runtime/storage/state-backend.ts';
import { eventually, silent } from '../runtime/runtime-fakes.ts';
import type { BackendUnderTest } from './backend-scene.ts';
import { hasRedisServer, RedisServer } from './redis-server.ts';
import { StoredTask, type Log } from './stored-task.ts';
import { storeSuite } from './store-suite.ts';
import { timedStoresSuite } from './timed-stores-suite.ts';

const TIMEOUT_MS = 60_000;

if (!hasRedisServer()) test.skip('state in Redis: there is no redis-server here', () => {});
else {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.close());

  const open = async (applicationId: string): Promise<RedisBackend> => {
    const backend = new RedisBackend({ url: server.url }, { applicationId, logger: silent, clock: Date.now });
    await backend.open();
    return backend;
  };

  let applicationId = randomUUID();
  const redis: BackendUnderTest = {
    name: 'Redis',
    isDurable: true,
    open: () => open(applicationId),
    clean: () => {
      applicationId = randomUUID();
      return Promise.resolve();
    },
  };
  storeSuite(redis);
  timedStoresSuite(redis);

  describe('state in Redis', () => {
    const builder = stores.keyValue({ name: 's', key: serdes.string, value: serdes.string });

    test(
      'a former owner writes nothing any more',
      async () => {
        const id = randomUUID();
        const [first, second] = [await open(id), await open(id)];
        const log: Log = [];
        const former = await StoredTask.begin(first, builder, log);
        former.store.put('a', 'of the former', 1);
        await former.commit();
        const present = await StoredTask.begin(second, builder, log);
        expect(present.store.get('a')).toBe('of the former');
        former.store.put('a', 'of the zombie', 2);
        await expect(former.commit()).rejects.toThrow(FencedStorageError);
        present.store.put('a', 'of the present', 3);
        await present.commit();
        const next = await StoredTask.begin(first, builder, log, { withTail: false });
        expect(next.store.get('a')).toBe('of the present');
        await Promise.all([first.close(), second.close()]);
      },
      TIMEOUT_MS,
    );

    test(
      'a commit of more than one request is applied whole',
      async () => {
        const id = randomUUID();
        const backend = await open(id);
        const task = await StoredTask.begin(backend, builder, []);
        const keys = Array.from({ length: 12_000 }, (_, index) => `key-${index}`);
        for (const key of keys) task.store.put(key, `value of ${key}`, 1);
        await task.commit();
        for (const key of keys) task.store.put(key, key.endsWith('7') ? null : 'second', 2);
        await task.commit();
        const again = await StoredTask.begin(backend, builder, [], { withTail: false });
        expect(again.store.approximateEntries).toBe(keys.filter((key) => !key.endsWith('7')).length);
        expect([again.store.get('key-0'), again.store.get('key-7')]).toEqual(['second', null]);
        await backend.close();
      },
      TIMEOUT_MS,
    );

    test(
      'while Redis is away a commit waits, says so, and is there when Redis is back',
      async () => {
        const outages = new StorageOutages();
        const context = { applicationId: randomUUID(), logger: silent, clock: () => 5_000, outages };
        const backend = new RedisBackend({ url: server.url }, context);
        await backend.open();
        const log: Log = [];
        const task = await StoredTask.begin(backend, builder, log);
        expect([outages.firstSinceMs, outages.failures]).toEqual([undefined, 0]);
        task.store.put('a', 'before', 1);
        await task.commit();
        await server.stop();
        task.store.put('a', 'during', 2);
        let isCommitted = false;
        const committed = task.commit().then(() => (isCommitted = true));
        await eventually(() => task.storage.isAway, 'the storage says that it is away');
        expect(isCommitted).toBe(false);
        await eventually(() => outages.failures > 1, 'another try');
        expect([outages.sinceMs('0_0'), outages.firstSinceMs]).toEqual([5_000, 5_000]);
        await server.start();
        await committed;
        expect([task.storage.isAway, outages.firstSinceMs]).toEqual([false, undefined]);
        const again = await StoredTask.begin(backend, builder, log, { withTail: false });
        expect(again.store.get('a')).toBe('during');
        await backend.close();
      },
      TIMEOUT_MS,
    );

    test(
      'a task that leaves while Redis is away does not wait for it',
      async () => {
        const outages = new StorageOutages();
        const context = { applicationId: randomUUID(), logger: silent, clock: () => 1, outages };
        const backend = new RedisBackend({ url: server.url }, context);
        await backend.open();
        const task = await StoredTask.begin(backend, builder, []);
        await server.stop();
        task.store.put('a', 'lost', 1);
        const committed = task.commit();
        await eventually(() => task.storage.isAway, 'the storage says that it is away');
        expect(outages.firstSinceMs).toBe(1);
        await task.crash();
        await committed;
        expect(outages.firstSinceMs).toBeUndefined();
        await backend.close();
        await server.start();
      },
      TIMEOUT_MS,
    );

    test(
      'an application that started while Redis restarted ended: it waits for it',
      async () => {
        await server.stop();
        let warned = 0;
        const logger = { ...silent, warn: () => void warned++ };
        const context = { applicationId: randomUUID(), logger, clock: Date.now, taskTimeoutMs: TIMEOUT_MS };
        const backend = new RedisBackend({ url: server.url }, context);
        const opened = backend.open();
        await eventually(() => warned === 1, 'the log says that Redis is away');
        await server.start();
        await opened;
        const task = await StoredTask.begin(backend, builder, []);
        task.store.put('a', 'stored', 1);
        await task.commit();
        await backend.close();
      },
      TIMEOUT_MS,
    );

    test(
      'an application that had to wait for Redis at its start never reached it again after the next restart of Redis',
      async () => {
        await server.stop();
        const warned = Promise.withResolvers<void>();
        const logger = { ...silent, warn: () => warned.resolve() };
        const context = { applicationId: randomUUID(), logger, clock: Date.now, taskTimeoutMs: TIMEOUT_MS };
        const backend = new RedisBackend({ url: server.url }, context);
        const opened = backend.open();
        await warned.promise;
        await server.start();
        await opened;
        const task = await StoredTask.begin(backend, builder, []);
        await server.stop();
        task.store.put('a', 'stored', 1);
        const committed = task.commit();
        await eventually(() => task.storage.isAway, 'the storage says that it is away');
        await server.start();
        await committed;
        await backend.close();
      },
      TIMEOUT_MS,
    );

    test('an application that is closed while it waits for Redis does not wait on', async () => {
      const warned = Promise.withResolvers<void>();
      const logger = { ...silent, warn: () => warned.resolve() };
      const context = { applicationId: 'a', logger, clock: Date.now, taskTimeoutMs: TIMEOUT_MS };
      const backend = new RedisBackend({ url: 'redis://127.0.0.1:1' }, context);
      const opened = backend.open();
      await warned.promise;
      await backend.close();
      await expect(opened).rejects.toThrow('state.redis.url');
    });

    test(
      'a Redis that refuses the password is not tried again',
      async () => {
        const admin = new Redis(server.url);
        await admin.config('SET', 'requirepass', 'secret');
        const context = { applicationId: 'a', logger: silent, clock: Date.now, taskTimeoutMs: 2 * TIMEOUT_MS };
        const url = server.url.replace('redis://', 'redis://:wrong@');
        try {
          await expect(new RedisBackend({ url }, context).open()).rejects.toThrow(/WRONGPASS|NOAUTH/);
        } finally {
          await admin.config('SET', 'requirepass', '');
          admin.disconnect();
        }
      },
      TIMEOUT_MS,
    );

    test('a Redis that is not there is named at the start', async () => {
      const context = { applicationId: 'a', logger: silent, clock: Date.now };
      await expect(new RedisBackend({ url: 'redis://127.0.0.1:1' }, context).open()).rejects.toThrow('state.redis.url');
    });

    test('a start without Redis kept the process for two seconds after its end', async () => {
      const timers = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length;
      const context = { applicationId: 'a', logger: silent, clock: Date.now };
      const backend = new RedisBackend({ url: 'redis://127.0.0.1:1' }, context);
      const before = timers();
      await expect(backend.open()).rejects.toThrow('state.redis.url');
      await backend.close();
      expect(timers()).toBeLessThanOrEqual(before);
    });
  });
}
