import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fetchApi, listOffsetsApi, metadataApi } from '@playhead/kafka-protocol';
import { answerWith, at, FetcherScene, read } from './support/fetcher-scene.ts';
import { batchOf } from './support/record-sets.ts';

let scene: FetcherScene;

beforeEach(async () => {
  scene = await FetcherScene.start();
});

afterEach(() => scene.close());

describe('failures', () => {
  test.each([6, 74, 3, 56])('asks for the leader again after error %i and reads on', async (errorCode) => {
    let failures = 2;
    scene.store(0, 0, ['a']);
    scene.broker.on(fetchApi, (request) =>
      failures-- > 0 ? answerWith(request, () => ({ errorCode, records: null })) : scene.longPoll(request),
    );
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
    expect(scene.broker.received(metadataApi).length).toBeGreaterThanOrEqual(3);
  });

  test('survives lost sockets and a broker that is away for a while', async () => {
    scene.store(0, 0, ['a']);
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
    await scene.broker.close();
    await scene.broker.listen();
    scene.store(0, 1, ['b']);
    expect(await read(fetcher, 1)).toEqual(['b']);
    scene.broker.dropAllSockets();
    scene.store(0, 2, ['c']);
    expect(await read(fetcher, 1)).toEqual(['c']);
  });

  test('one leaderless partition hinders no other topic', async () => {
    scene.broker.topics.set('leaderless', 1);
    scene.broker.on(metadataApi, ({ topics }) =>
      scene.broker.metadata(topics?.map(({ name }) => name ?? '') ?? [], ['leaderless']),
    );
    scene.store(0, 0, ['a']);
    const fetcher = scene.makeFetcher();
    fetcher.add([{ topic: 'leaderless', partition: 0, offset: 0 }, at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
  });

  test('hands out what cannot pass once, and the others go on', async () => {
    scene.broker.on(fetchApi, (request) =>
      answerWith(request, ({ partition, fetchOffset }) =>
        partition === 0
          ? { errorCode: 29, records: null }
          : { errorCode: 0, records: fetchOffset === 0 ? batchOf(0, ['b']) : null },
      ),
    );
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0), at(1)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    const poll = jest.fn(() => fetcher.poll());
    expect(poll).toThrow('TOPIC_AUTHORIZATION_FAILED');
    expect(poll.mock.results[0]?.value).toMatchObject({ context: { topic: 't', partition: 0, offset: 0 } });
    expect(await read(fetcher, 1)).toEqual(['b']);
  });

  test('a batch that contradicts itself is reported with its place', async () => {
    const broken = batchOf(0, ['a']);
    broken.writeInt32BE(3, 8);
    scene.broker.on(fetchApi, (request) => answerWith(request, () => ({ errorCode: 0, records: broken })));
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('batch of 15 bytes');
  });

  test('a batch with a flipped bit was handed out: nothing compared its checksum', async () => {
    const flipped = batchOf(1, ['b']);
    flipped.writeUInt8((flipped.at(-2) ?? 0) ^ 1, flipped.length - 2);
    scene.broker.on(fetchApi, (request) =>
      answerWith(request, ({ partition }) => ({
        errorCode: 0,
        records: partition === 0 ? Buffer.concat([batchOf(0, ['a']), flipped]) : null,
      })),
    );
    const fetcher = scene.makeFetcher();
    fetcher.add([at(0)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('t-0: checksum of the batch at offset 1 is wrong');
  });

  test.each([
    ['earliest', 3],
    ['latest', 9],
  ] as const)('an offset that is out of range is reset to the %s', async (onOutOfRange, expected) => {
    scene.broker.on(listOffsetsApi, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => ({
          partitionIndex,
          errorCode: 0,
          offset: timestamp === -2 ? 3 : 9,
        })),
      })),
    }));
    scene.store(0, expected, ['found']);
    const fetcher = scene.makeFetcher({ onOutOfRange });
    outOfRange(1_000);
    fetcher.add([at(0, 1_000)]);
    expect(await read(fetcher, 1)).toEqual(['found']);
  });

  test('a policy that throws is handed out like any failure', async () => {
    const fetcher = scene.makeFetcher({
      onOutOfRange: ({ partition, offset }) => {
        throw new Error(`lost ${partition} at ${offset}`);
      },
    });
    outOfRange(1_000);
    fetcher.add([at(0, 1_000)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('lost 0 at 1000');
  });

  test('an offset that is out of range is an error by default', async () => {
    const fetcher = scene.makeFetcher();
    outOfRange(1_000);
    fetcher.add([at(0, 1_000)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('fetch at offset 1000 of t-0: OFFSET_OUT_OF_RANGE (1)');
  });
});

function outOfRange(offset: number): void {
  scene.broker.on(fetchApi, (request) => {
    const isOut = request.topics.some(({ partitions }) => partitions.some(({ fetchOffset }) => fetchOffset === offset));
    return isOut ? answerWith(request, () => ({ errorCode: 1, records: null })) : scene.longPoll(request);
  });
}
