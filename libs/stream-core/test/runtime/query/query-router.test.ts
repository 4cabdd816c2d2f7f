import { describe, expect, test } from '@jest/globals';
import { ChangeSignal } from '../../../src/runtime/change-signal.ts';
import { QueryClient } from '../../../src/runtime/query/query-client.ts';
import { QueryError, type QueryFailure } from '../../../src/runtime/query/query-error.ts';
import { QueryRouter, type TaskLocation } from '../../../src/runtime/query/query-router.ts';
import type { QueryOptions } from '../../../src/runtime/query/query-types.ts';
import type { StoreAnswer, WireQuery } from '../../../src/runtime/query/query-wire.ts';
import { countsStore } from './query-fakes.ts';

const question = { kind: 'get', key: 'a' } as const;
const local: TaskLocation = { kind: 'local' };
const at = (applicationServer: string | undefined): TaskLocation => ({ kind: 'remote', applicationServer });

const answer = <K, V>(value: unknown): StoreAnswer<K, V> => ({
  entries: [{ key: 'a', value } as never],
  truncated: false,
  position: [],
});
const fails = (reason: QueryFailure) => () =>
  Promise.reject(new QueryError(reason, `${reason} it said`, { store: 'counts' }));

/** Owners that answer what the test says, and a group whose changes the test makes. */
class Scene {
  readonly asked: string[] = [];
  readonly changes = new ChangeSignal();
  location: TaskLocation = local;
  stale: TaskLocation[] = [];
  owners: Record<string, () => Promise<unknown>> = {};
  readonly router: QueryRouter;

  constructor() {
    const owner = (name: string): Promise<never> => {
      this.asked.push(name);
      return (this.owners[name] ?? fails('UNREACHABLE'))() as Promise<never>;
    };
    const client = new QueryClient({ applicationId: 'app', headers: () => ({}) });
    client.ask = (server: string, query: WireQuery) =>
      owner(`${server} ${query.terms.timeoutMs <= 50 ? 'try' : 'long'}`);
    this.router = new QueryRouter({
      locate: () => this.location,
      locateStale: () => this.stale,
      askLocally: () => owner('local'),
      nextChange: () => this.changes.next(),
      client,
      queryTimeoutMs: 60_000,
      queryTryTimeoutMs: 50,
    });
  }

  ask(timeoutMs = 60_000, options: QueryOptions = {}) {
    return this.router.ask(countsStore(), 1, question, { timeoutMs, ...options });
  }
}

describe('routing a question', () => {
  test('asks the local store without the network', async () => {
    const scene = new Scene();
    scene.owners['local'] = () => Promise.resolve(answer(7));
    expect((await scene.ask()).entries[0]?.value).toBe(7);
    expect(scene.asked).toEqual(['local']);
  });

  test('asks a remote owner with serialised keys, a try no longer than the try time', async () => {
    const scene = new Scene();
    scene.location = at('http://one');
    scene.owners['http://one try'] = () =>
      Promise.resolve({ entries: [{ key: 'YQ==', value: 'Nw==' }], truncated: false, position: [] });
    expect((await scene.ask()).entries).toEqual([{ key: 'a', value: 7 }]);
    expect(scene.asked).toEqual(['http://one try']);
  });

  test.each(['NOT_OWNER', 'UNREACHABLE', 'NOT_AVAILABLE', 'TIMEOUT'] as const)(
    'asks the new owner after %s of the old one, as soon as owners change',
    async (reason) => {
      const scene = new Scene();
      scene.location = at('http://old');
      scene.owners['http://old try'] = () => {
        scene.location = local;
        setImmediate(() => scene.changes.fire());
        return fails(reason)();
      };
      scene.owners['local'] = () => Promise.resolve(answer(1));
      await scene.ask();
      expect(scene.asked).toEqual(['http://old try', 'local']);
    },
  );

  describe('when a stale answer is allowed', () => {
    const remote = (staleLag?: number) => () =>
      Promise.resolve({ entries: [{ key: 'YQ==', value: 'Nw==' }], truncated: false, position: [], staleLag });

    test('takes the owner’s, where it has one', async () => {
      const scene = new Scene();
      scene.stale = [at('http://standby')];
      scene.owners['local'] = () => Promise.resolve(answer(7));
      await scene.ask(1_000, { staleWithin: 5 });
      expect(scene.asked).toEqual(['local']);
    });

    test('asks standbys in turn while the owner restores', async () => {
      const scene = new Scene();
      scene.location = at('http://owner');
      scene.stale = [at('http://behind'), at('http://standby')];
      scene.owners['http://owner long'] = fails('NOT_AVAILABLE');
      scene.owners['http://owner try'] = fails('NOT_AVAILABLE');
      scene.owners['http://behind try'] = fails('NOT_AVAILABLE');
      scene.owners['http://standby try'] = remote(3);
      const { entries, staleLag } = await scene.ask(60_000, { staleWithin: 5 });
      expect([entries[0]?.value, staleLag]).toEqual([7, 3]);
      expect(scene.asked).toEqual(['http://owner try', 'http://behind try', 'http://standby try']);
    });

    test('goes on asking the owner when no standby is near enough', async () => {
      const scene = new Scene();
      scene.stale = [at('http://behind')];
      scene.owners['http://behind try'] = fails('NOT_AVAILABLE');
      scene.owners['local'] = () => {
        scene.owners['local'] = () => Promise.resolve(answer(8));
        return fails('NOT_AVAILABLE')();
      };
      expect((await scene.ask(60_000, { staleWithin: 5 })).entries[0]?.value).toBe(8);
      expect(scene.asked).toEqual(['local', 'http://behind try', 'local']);
    });

    test.each([
      ['a bound, which only an owner can hold', { staleWithin: 1, bound: { topic: 'beats', partition: 1, offset: 3 } }],
      ['a negative number', { staleWithin: -1 }],
      ['no number', { staleWithin: Number.NaN }],
    ])('refuses %s', async (_, options) => {
      await expect(new Scene().ask(1_000, options)).rejects.toMatchObject({ reason: 'BAD_QUERY' });
    });
  });

  test('tells when to come again, as the owner said', async () => {
    const scene = new Scene();
    scene.owners['local'] = () =>
      Promise.reject(new QueryError('NOT_AVAILABLE', 'is being restored', { store: 'counts', retryAfterMs: 7_000 }));
    await expect(scene.ask(1)).rejects.toMatchObject({ reason: 'NOT_AVAILABLE', retryAfterMs: 7_000 });
  });

  test('waits while nobody owns the partition', async () => {
    const scene = new Scene();
    scene.location = { kind: 'nowhere' };
    scene.owners['local'] = () => Promise.resolve(answer(1));
    const asking = scene.ask();
    scene.location = local;
    scene.changes.fire();
    await asking;
    expect(scene.asked).toEqual(['local']);
  });

  test('gives up when its time is over and says what the last try said', async () => {
    const scene = new Scene();
    scene.location = at('http://one');
    scene.owners['http://one try'] = fails('NOT_OWNER');
    const error: unknown = await scene.ask(500).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ code: 'STREAMS_QUERY', reason: 'NOT_AVAILABLE', store: 'counts', partition: 1 });
    expect((error as Error).message).toBe('no answer within 500 ms; the last try said: NOT_OWNER it said');
    expect(scene.asked.length).toBeGreaterThan(1);
  });

  test('an owner that was not heard in the time left hides nothing that one said before', async () => {
    const scene = new Scene();
    scene.location = at('http://one');
    const unheard = new QueryError('UNREACHABLE', 'it gave no answer', {
      store: 'counts',
      cause: new DOMException('time is up', 'TimeoutError'),
    });
    let tries = 0;
    scene.owners['http://one try'] = () => (tries++ === 0 ? fails('TIMEOUT')() : Promise.reject(unheard));
    await expect(scene.ask(500)).rejects.toMatchObject({ reason: 'TIMEOUT' });
    expect(tries).toBeGreaterThan(1);
  });

  test.each(['BAD_QUERY', 'REFUSED', 'NOT_RUNNING'] as const)('does not try again after %s', async (reason) => {
    const scene = new Scene();
    scene.owners['local'] = fails(reason);
    await expect(scene.ask()).rejects.toMatchObject({ reason });
    expect(scene.asked).toHaveLength(1);
  });

  test('an owner without an address cannot be asked', async () => {
    const scene = new Scene();
    scene.location = at(undefined);
    await expect(scene.ask()).rejects.toThrow('owned by an instance without an applicationServer');
  });

  test.each([
    [
      'a topic that the store does not read',
      { topic: 'plans', partition: 1, offset: 0 },
      'the tasks of store "counts" read beats',
    ],
    ['the partition of another key', { topic: 'beats', partition: 2, offset: 0 }, 'the key belongs to partition 1'],
  ])('refuses a bound on %s', async (_, bound, message) => {
    const scene = new Scene();
    const asking = scene.router.ask(countsStore(), 1, question, { bound });
    await expect(asking).rejects.toMatchObject({ reason: 'BAD_QUERY' });
    await expect(asking).rejects.toThrow(message);
    expect(scene.asked).toEqual([]);
  });
});
