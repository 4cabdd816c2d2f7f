import { describe, expect, test } from '@jest/globals';
import { RestoreListeners } from '../../../src/runtime/restore/restore-listeners.ts';
import { StoreChangelogReader, type ChangelogRestore } from '../../../src/runtime/restore/store-changelog-reader.ts';
import { StreamsCounters } from '../../../src/runtime/streams-metrics.ts';
import { FencedStorageError } from '../../../src/runtime/storage/state-backend.ts';
import { PendingCodecError } from '../../../src/serde/serde.ts';
import { eventually, FakeFetcher, fetched, silent } from '../runtime-fakes.ts';

/** A changelog partition whose fetches the test gives. */
class Scene {
  readonly applied: string[] = [];
  readonly counters = new StreamsCounters();
  readonly failures: unknown[] = [];
  readonly listeners = new RestoreListeners((error) => this.failures.push(error));
  readonly fetcher = new FakeFetcher();
  readonly reader: StoreChangelogReader;

  constructor(earliest: number, latest: number) {
    this.reader = new StoreChangelogReader({
      client: {
        listOffsets: (partitions, at) =>
          Promise.resolve(
            partitions.map((partition) => ({
              ...partition,
              offset: at === 'earliest' ? earliest : latest,
              timestamp: -1,
            })),
          ),
      },
      createFetcher: () => this.fetcher,
      sliceMs: 1,
      counters: this.counters,
      listeners: this.listeners,
      logger: silent,
    });
  }

  readonly wanted: ChangelogRestore = {
    topic: 'log',
    partition: 3,
    store: 'counts',
    task: '0_3',
    take: (key, value, timestamp, offset) =>
      this.applied.push(`${offset} ${String(key)}=${String(value)} at ${timestamp}`),
  };
}

const never = new AbortController().signal;

describe('restoring a store', () => {
  test('reads its changelog from the earliest offset to the end, in order, tombstones too', async () => {
    const scene = new Scene(2, 6);
    const restored = scene.reader.restore([scene.wanted], never);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    expect(scene.fetcher.added[0]).toMatchObject({ topic: 'log', partition: 3, offset: 2 });
    scene.fetcher.feed(fetched('log', 3, 2, ['a=1', 'b=2']));
    await eventually(() => scene.applied.length === 2, 'the first batch');
    expect(scene.reader.progress()).toMatchObject([{ restoredRecords: 2, remainingOffsets: 2, task: '0_3' }]);
    scene.fetcher.feed(fetched('log', 3, 4, ['a=3', 'b=null']));
    await restored;
    expect(scene.applied).toEqual(['2 a=1 at 1000', '3 b=2 at 1001', '4 a=3 at 1000', '5 b=null at 1001']);
    expect(scene.reader.progress()).toEqual([]);
    expect([scene.counters.restoredRecords, scene.counters.restore.count]).toEqual([4, 1]);
    await eventually(() => scene.fetcher.closed === 1, 'the fetcher is closed');
  });

  test('what the store has already is not read, and the end is told', async () => {
    const scene = new Scene(2, 6);
    const restored = scene.reader.restore([{ ...scene.wanted, startOffset: 5 }], never);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    expect(scene.fetcher.added[0]).toMatchObject({ offset: 5 });
    scene.fetcher.feed(fetched('log', 3, 5, ['a=1']));
    expect(await restored).toEqual([6]);
    expect(await scene.reader.restore([{ ...scene.wanted, startOffset: 6 }], never)).toEqual([6]);
  });

  test('says how long it will take, once something has been read', async () => {
    const scene = new Scene(0, 4);
    const restored = scene.reader.restore([scene.wanted], never);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    expect(scene.reader.progress()[0]?.etaMs).toBeUndefined();
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'b=2']));
    await eventually(() => scene.applied.length === 2, 'the first batch');
    expect(scene.reader.progress()[0]?.etaMs).toBeGreaterThanOrEqual(0);
    scene.fetcher.feed(fetched('log', 3, 2, ['a=1', 'b=2']));
    expect(await restored).toEqual([4]);
  });

  test('listeners are told of its beginning, each batch and its end', async () => {
    const scene = new Scene(0, 4);
    const heard: string[] = [];
    scene.listeners.add(() => {
      throw new Error('a listener failed');
    });
    const remove = scene.listeners.add(({ kind, store, restoredRecords, remainingOffsets }) =>
      heard.push(`${kind} ${store} ${restoredRecords} ${remainingOffsets}`),
    );
    const restored = scene.reader.restore([scene.wanted], never);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'b=2', 'c=3']));
    await eventually(() => scene.applied.length === 3, 'the first batch');
    scene.fetcher.feed(fetched('log', 3, 3, ['a=1']));
    await restored;
    expect(heard).toEqual(['started counts 0 4', 'progress counts 3 1', 'progress counts 4 0', 'finished counts 4 0']);
    expect(scene.failures).toHaveLength(4);
    remove();
    const left = new AbortController();
    const abandoned = scene.reader.restore([scene.wanted], left.signal);
    scene.listeners.add(({ kind }) => heard.push(kind));
    await eventually(() => scene.reader.isRestoring, 'the next restore');
    left.abort(new Error('the task has left'));
    await expect(abandoned).rejects.toThrow('the task has left');
    expect(heard.at(-1)).toBe('abandoned');
    expect(heard).toHaveLength(6);
  });

  test('a state that somebody else claimed during the restore was told as a store that cannot be restored, which ended the application', async () => {
    const scene = new Scene(0, 4);
    const fenced = new FencedStorageError('0_3');
    const restored = scene.reader.restore([{ ...scene.wanted, reached: () => Promise.reject(fenced) }], never);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1']));
    await expect(restored).rejects.toBe(fenced);
  });

  test('a hole that compaction left at the end is the end', async () => {
    const scene = new Scene(0, 9);
    const restored = scene.reader.restore([scene.wanted], never);
    scene.fetcher.feed({ ...fetched('log', 3, 0, ['a=1']), nextOffset: 9 });
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000']);
  });

  test('an empty log needs no fetch', async () => {
    const scene = new Scene(5, 5);
    await scene.reader.restore([scene.wanted], never);
    expect(scene.fetcher.added).toEqual([]);
  });

  test('what stands after the end is left to others', async () => {
    const scene = new Scene(0, 9);
    const restored = scene.reader.restore([{ ...scene.wanted, limitOffset: 1 }], never);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'a=2']));
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000']);
  });

  test('a record whose schema has to be loaded first is applied after that, in its place', async () => {
    const scene = new Scene(0, 2);
    let ready: () => void = () => {};
    let waiting = true;
    const take: ChangelogRestore['take'] = (key, value, timestamp, offset) => {
      if (waiting) {
        throw new PendingCodecError(
          new Promise((resolve) => {
            ready = () => {
              waiting = false;
              resolve();
            };
          }),
        );
      }
      scene.wanted.take(key, value, timestamp, offset);
    };
    const restored = scene.reader.restore([{ ...scene.wanted, take }], never);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'a=2']));
    await eventually(() => waiting && scene.fetcher.added.length === 1, 'the codec');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    ready();
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000', '1 a=2 at 1001']);
  });

  test('a registry that is away while a store is restored is waited for', async () => {
    const scene = new Scene(0, 2);
    let refusals = 2;
    const take: ChangelogRestore['take'] = (key, value, timestamp, offset) => {
      if (refusals-- > 0) throw new PendingCodecError(Promise.reject(new Error('registry away')));
      scene.wanted.take(key, value, timestamp, offset);
    };
    const restored = scene.reader.restore([{ ...scene.wanted, take }], never);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'a=2']));
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000', '1 a=2 at 1001']);
  });

  test('a schema that never comes holds up no other restore once the task has left', async () => {
    const scene = new Scene(0, 1);
    const left = new AbortController();
    let isWaiting = false;
    const take = (): void => {
      isWaiting = true;
      throw new PendingCodecError(new Promise(() => {}));
    };
    const stuck = scene.reader.restore([{ ...scene.wanted, take }], left.signal);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1']));
    await eventually(() => isWaiting, 'the schema is asked for');
    left.abort(new Error('moved away'));
    await expect(stuck).rejects.toThrow('moved away');
    const restored = scene.reader.restore([{ ...scene.wanted, partition: 4 }], never);
    scene.fetcher.feed(fetched('log', 4, 0, ['b=1']));
    await restored;
    expect(scene.applied).toEqual(['0 b=1 at 1000']);
  });

  test('what was fetched for a task that has left goes to no successor that restores the same partition', async () => {
    const scene = new Scene(0, 3);
    const left = new AbortController();
    let ready: () => void = () => {};
    let isWaiting = false;
    const take: ChangelogRestore['take'] = () => {
      if (isWaiting) return;
      isWaiting = true;
      throw new PendingCodecError(new Promise((resolve) => (ready = resolve)));
    };
    const other = scene.reader.restore([{ ...scene.wanted, partition: 4, take }], never);
    const stale = scene.reader.restore([scene.wanted], left.signal);
    await eventually(() => scene.fetcher.added.length === 2, 'both fetches');
    scene.fetcher.feed(fetched('log', 4, 0, ['b=1', 'b=2', 'b=3']), fetched('log', 3, 2, ['a=3']));
    await eventually(() => isWaiting, 'the schema that the other one needs');
    left.abort(new Error('begins anew'));
    await expect(stale).rejects.toThrow('begins anew');
    const restored = scene.reader.restore([scene.wanted], never);
    await eventually(() => scene.fetcher.added.length === 3, 'the fetch of the successor');
    ready();
    await other;
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'a=2', 'a=3']));
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000', '1 a=2 at 1001', '2 a=3 at 1002']);
  });

  test('a restore that ends late does not end its successor', async () => {
    const scene = new Scene(0, 2);
    const left = new AbortController();
    const stale = scene.reader.restore([scene.wanted], left.signal);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    left.abort(new Error('begins anew'));
    const restored = scene.reader.restore([scene.wanted], never);
    await expect(stale).rejects.toThrow('begins anew');
    await eventually(() => scene.fetcher.added.length === 2, 'the fetch of the successor');
    expect(scene.reader.progress()).toHaveLength(1);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1', 'a=2']));
    await restored;
    expect(scene.applied).toEqual(['0 a=1 at 1000', '1 a=2 at 1001']);
  });

  test('a record that the store refuses fails the restore', async () => {
    const scene = new Scene(0, 1);
    const take = (): void => {
      throw new Error('no key of this store');
    };
    const restored = scene.reader.restore([{ ...scene.wanted, take }], never);
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1']));
    await expect(restored).rejects.toMatchObject({
      code: 'STREAMS_STATE_STORE',
      message: 'store "counts" of task 0_3 cannot be restored: no key of this store',
      context: { store: 'counts', task: '0_3', topic: 'log', partition: 3 },
    });
  });

  test('ends when the task leaves', async () => {
    const scene = new Scene(0, 9);
    const left = new AbortController();
    const restored = scene.reader.restore([scene.wanted], left.signal);
    await eventually(() => scene.fetcher.added.length === 1, 'the fetch');
    left.abort(new Error('moved away'));
    await expect(restored).rejects.toThrow('moved away');
    scene.fetcher.feed(fetched('log', 3, 0, ['a=1']));
    await eventually(() => scene.fetcher.closed === 1, 'the fetcher is closed');
    expect(scene.applied).toEqual([]);
  });
});
