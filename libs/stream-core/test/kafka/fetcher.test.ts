import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fetchApi } from '@playhead/kafka-protocol';
import type { RequestOf } from '@playhead/kafka-protocol';
import { until } from './support/deadline.ts';
import { answerWith, at, FetcherScene, read } from './support/fetcher-scene.ts';
import { batchOf } from './support/record-sets.ts';
import { Fault } from './support/scripted-broker.ts';

let scene: FetcherScene;

beforeEach(async () => {
  scene = await FetcherScene.start();
});

afterEach(() => scene.close());

describe('reading', () => {
  test('goes on where the last batch ended and says so', async () => {
    scene.store(0, 5, ['a', 'b']);
    scene.store(0, 7, ['c']);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0, 5)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    const [first] = fetcher.poll();
    expect(first).toMatchObject({
      topic: 't',
      partition: 0,
      offset: 5,
      nextOffset: 7,
      highWatermark: 100,
      lastStableOffset: 90,
      abortedTransactions: [],
    });
    expect(await read(fetcher, 1)).toEqual(['c']);
    expect(fetcher.position(at(0))).toEqual({ offset: 8, highWatermark: 100, lastStableOffset: 90, end: 100 });
  });

  test('keeps a batch that the answer cuts off for the next fetch', async () => {
    const [whole, cut] = [batchOf(0, ['a']), batchOf(1, ['b'])];
    scene.broker.on(fetchApi, (request) =>
      answerWith(request, ({ fetchOffset }) => ({
        errorCode: 0,
        records: fetchOffset === 0 ? Buffer.concat([whole, cut.subarray(0, 40)]) : fetchOffset === 1 ? cut : null,
      })),
    );
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 2)).toEqual(['a', 'b']);
  });

  test('fetches ahead of the poll, up to the budget of a partition and no further', async () => {
    for (let offset = 0; offset < 10; offset++) scene.store(0, offset, ['x'.repeat(200)]);
    const fetcher = scene.makeFetcher({ maxBufferedPartitionBytes: 600 });
    fetcher.add([at(0)]);
    await until('the budget is used', () => fetcher.bufferedBytes >= 600);
    const asked = scene.broker.received(fetchApi).length;
    await scene.client.partitionsOf(['t']);
    expect(scene.broker.received(fetchApi)).toHaveLength(asked);
    expect((await read(fetcher, 10)).length).toBe(10);
  });

  test('all of a large answer was looked through in one turn of the event loop', async () => {
    for (const partition of [0, 1, 2]) scene.store(partition, 0, ['x'.repeat(400 * 1024)]);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0), at(1), at(2)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(fetcher.poll().map(({ partition }) => partition)).toEqual([0]);
    expect(await read(fetcher, 2)).toHaveLength(2);
  });

  test('fetches nothing while it holds as much as it may in all', async () => {
    for (const partition of [0, 1, 2])
      for (let offset = 0; offset < 5; offset++) scene.store(partition, offset, ['x'.repeat(200)]);
    const fetcher = scene.makeFetcher({ maxBufferedBytes: 500 });
    fetcher.add([at(0), at(1), at(2)]);
    await until('it is full', () => fetcher.bufferedBytes >= 500);
    expect(await read(fetcher, 15)).toHaveLength(15);
    expect(fetcher.bufferedBytes).toBe(0);
  });

  test('does not let a busy partition wait for the long poll of an idle one', async () => {
    // Partition 1 is held for ever once it is asked for alone; partition 0 must still be asked for on another socket.
    scene.broker.on(fetchApi, (request) => {
      const asked = request.topics.flatMap(({ partitions }) => partitions);
      return asked.every(({ partition }) => partition === 1) ? Fault.NO_ANSWER : scene.longPoll(request);
    });
    for (let offset = 0; offset < 6; offset++) scene.store(0, offset, ['x'.repeat(300)]);
    const fetcher = scene.makeFetcher({ maxBufferedPartitionBytes: 300 });
    fetcher.add([at(0), at(1)]);
    expect(await read(fetcher, 6)).toHaveLength(6);
  });

  test('takes no more than asked for and takes partitions in turn', async () => {
    for (const partition of [0, 1])
      for (let offset = 0; offset < 3; offset++) scene.store(partition, offset, ['x'.repeat(100)]);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0), at(1)]);
    await until('all has arrived', () => fetcher.position(at(0)) !== undefined && fetcher.bufferedBytes > 6 * 100);
    const size = fetcher.bufferedBytes / 6;
    expect(
      fetcher
        .poll(2 * size)
        .map(({ partition }) => partition)
        .sort(),
    ).toEqual([0, 1]);
  });

  test('waitForData ends with the time, the signal and close', async () => {
    const fetcher = scene.makeFetcher();
    expect(await fetcher.waitForData(1)).toBe(false);
    const controller = new AbortController();
    const aborted = fetcher.waitForData(60_000, controller.signal);
    controller.abort();
    expect(await aborted).toBe(false);
    const closed = fetcher.waitForData(60_000);
    await fetcher.close();
    expect(await closed).toBe(false);
  });

  test('waitForData ends when a partition turns out to have nothing to read', async () => {
    const fetcher = scene.makeFetcher();
    scene.broker.on(fetchApi, (request) => answerWith(request, () => ({ errorCode: 0, records: null })));
    expect(fetcher.position(at(0))).toBeUndefined();
    const waiting = fetcher.waitForData(60_000);
    fetcher.add([at(0)]);
    expect(fetcher.position(at(0))).toMatchObject({ end: -1 });
    expect(await waiting).toBe(false);
    expect(fetcher.position(at(0))).toMatchObject({ offset: 0, end: 100 });
  });
});

describe('changing what is read', () => {
  test('what was on its way to a removed partition is dropped', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    scene.broker.on(fetchApi, async (request) => {
      await held;
      return answerWith(request, () => ({ errorCode: 0, records: batchOf(0, ['late']) }));
    });
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    await until('a fetch is out', () => scene.broker.received(fetchApi).length > 0);
    fetcher.remove([at(0)]);
    scene.broker.on(fetchApi, (request) => scene.longPoll(request));
    scene.store(1, 0, ['other']);
    fetcher.add([at(1)]);
    release();
    expect(await read(fetcher, 1)).toEqual(['other']);
    expect([fetcher.position(at(0)), fetcher.bufferedBytes]).toEqual([undefined, 0]);
  });

  test('a seek drops what has arrived and what is on its way', async () => {
    scene.store(0, 0, ['old']);
    scene.store(0, 50, ['new']);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    await fetcher.waitForData(5_000);
    fetcher.seek(at(0), 50);
    expect(await read(fetcher, 1)).toEqual(['new']);
    expect(() => fetcher.seek(at(2), 1)).toThrow('t-2, which is not read');
  });

  test('a paused partition is neither polled nor fetched, and goes on where it was', async () => {
    scene.store(0, 0, ['a']);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0), at(1)]);
    await until('it has arrived', () => fetcher.bufferedBytes > 0);
    fetcher.pause([at(0)]);
    expect(fetcher.poll()).toEqual([]);
    scene.store(1, 0, ['b']);
    expect(await read(fetcher, 1)).toEqual(['b']);
    const asked = scene.broker.received(fetchApi).length;
    await until('two more fetches', () => scene.broker.received(fetchApi).length >= asked + 2);
    const lately = scene.broker
      .received(fetchApi)
      .slice(asked + 1)
      .flatMap(({ body }) => (body as RequestOf<typeof fetchApi>).topics.flatMap(({ partitions }) => partitions));
    expect(lately.map(({ partition }) => partition)).not.toContain(0);
    fetcher.resume([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
  });
});
