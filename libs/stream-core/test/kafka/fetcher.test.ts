import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fetchApi, listOffsetsApi, metadataApi } from '@playhead/kafka-protocol';
import type { RequestOf } from '@playhead/kafka-protocol';
import { Fetcher } from '../../src/kafka/fetcher.ts';
import type { FetcherOptions } from '../../src/kafka/fetcher.ts';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { until } from './support/deadline.ts';
import { batchOf, valuesOf } from './support/record-sets.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

interface Part {
  errorCode: number;
  records: Buffer | null;
}

let broker: ScriptedBroker;
let client: KafkaClient;
let fetchers: Fetcher[];
/** Batches of partitions of topic `t`, found by the offset they start at. */
let stored: Map<number, Map<number, Buffer>>;

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 3);
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  fetchers = [];
  stored = new Map([0, 1, 2].map((partition) => [partition, new Map<number, Buffer>()]));
  broker.on(fetchApi, (request) => longPoll(request));
});

afterEach(async () => {
  for (const fetcher of fetchers) await fetcher.close();
  await client.close();
  await broker.close();
});

function store(partition: number, offset: number, values: string[]): void {
  stored.get(partition)?.set(offset, batchOf(offset, values));
}

/** Answers as soon as there is something, like a broker; while there is nothing, for a few milliseconds. */
async function longPoll(request: RequestOf<typeof fetchApi>) {
  for (let i = 0; i < 10; i++) {
    const answered = answerWith(request, ({ partition, fetchOffset }) => ({
      errorCode: 0,
      records: stored.get(partition)?.get(fetchOffset) ?? null,
    }));
    if (answered.responses.some(({ partitions }) => partitions.some(({ records }) => records !== null)))
      return answered;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return answerWith(request, () => ({ errorCode: 0, records: null }));
}

function answerWith(
  request: RequestOf<typeof fetchApi>,
  part: (asked: { partition: number; fetchOffset: number }) => Part,
) {
  return {
    errorCode: 0,
    responses: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => ({
        partitionIndex: asked.partition,
        highWatermark: 100,
        lastStableOffset: 90,
        logStartOffset: 0,
        ...part(asked),
      })),
    })),
  };
}

function makeFetcher(options: FetcherOptions = {}): Fetcher {
  const fetcher = new Fetcher(client, { maxWaitMs: 50, ...options });
  fetchers.push(fetcher);
  return fetcher;
}

const at = (partition: number, offset = 0) => ({ topic: 't', partition, offset });

/** Polls until `count` values of one partition have come. */
async function read(fetcher: Fetcher, count: number): Promise<string[]> {
  const values: string[] = [];
  await until(`${count} values`, () => {
    for (const fetched of fetcher.poll()) values.push(...valuesOf(fetched));
    return values.length >= count;
  });
  return values;
}

describe('reading', () => {
  test('goes on where the last batch ended and says so', async () => {
    store(0, 5, ['a', 'b']);
    store(0, 7, ['c']);
    const fetcher = makeFetcher();
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
    broker.on(fetchApi, (request) =>
      answerWith(request, ({ fetchOffset }) => ({
        errorCode: 0,
        records: fetchOffset === 0 ? Buffer.concat([whole, cut.subarray(0, 40)]) : fetchOffset === 1 ? cut : null,
      })),
    );
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 2)).toEqual(['a', 'b']);
  });

  test('fetches ahead of the poll, up to the budget of a partition and no further', async () => {
    for (let offset = 0; offset < 10; offset++) store(0, offset, ['x'.repeat(200)]);
    const fetcher = makeFetcher({ maxBufferedPartitionBytes: 600 });
    fetcher.add([at(0)]);
    await until('the budget is used', () => fetcher.bufferedBytes >= 600);
    const asked = broker.received(fetchApi).length;
    await client.partitionsOf(['t']);
    expect(broker.received(fetchApi)).toHaveLength(asked);
    expect((await read(fetcher, 10)).length).toBe(10);
  });

  test('all of a large answer was looked through in one turn of the event loop', async () => {
    for (const partition of [0, 1, 2]) store(partition, 0, ['x'.repeat(400 * 1024)]);
    const fetcher = makeFetcher();
    fetcher.add([at(0), at(1), at(2)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(fetcher.poll().map(({ partition }) => partition)).toEqual([0]);
    expect(await read(fetcher, 2)).toHaveLength(2);
  });

  test('fetches nothing while it holds as much as it may in all', async () => {
    for (const partition of [0, 1, 2])
      for (let offset = 0; offset < 5; offset++) store(partition, offset, ['x'.repeat(200)]);
    const fetcher = makeFetcher({ maxBufferedBytes: 500 });
    fetcher.add([at(0), at(1), at(2)]);
    await until('it is full', () => fetcher.bufferedBytes >= 500);
    expect(await read(fetcher, 15)).toHaveLength(15);
    expect(fetcher.bufferedBytes).toBe(0);
  });

  test('does not let a busy partition wait for the long poll of an idle one', async () => {
    // Partition 1 is held for ever once it is asked for alone; partition 0 must still be asked for on another socket.
    broker.on(fetchApi, (request) => {
      const asked = request.topics.flatMap(({ partitions }) => partitions);
      return asked.every(({ partition }) => partition === 1) ? Fault.NO_ANSWER : longPoll(request);
    });
    for (let offset = 0; offset < 6; offset++) store(0, offset, ['x'.repeat(300)]);
    const fetcher = makeFetcher({ maxBufferedPartitionBytes: 300 });
    fetcher.add([at(0), at(1)]);
    expect(await read(fetcher, 6)).toHaveLength(6);
  });

  test('takes no more than asked for and takes partitions in turn', async () => {
    for (const partition of [0, 1])
      for (let offset = 0; offset < 3; offset++) store(partition, offset, ['x'.repeat(100)]);
    const fetcher = makeFetcher();
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
    const fetcher = makeFetcher();
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
    const fetcher = makeFetcher();
    broker.on(fetchApi, (request) => answerWith(request, () => ({ errorCode: 0, records: null })));
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
    broker.on(fetchApi, async (request) => {
      await held;
      return answerWith(request, () => ({ errorCode: 0, records: batchOf(0, ['late']) }));
    });
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    await until('a fetch is out', () => broker.received(fetchApi).length > 0);
    fetcher.remove([at(0)]);
    broker.on(fetchApi, (request) => longPoll(request));
    store(1, 0, ['other']);
    fetcher.add([at(1)]);
    release();
    expect(await read(fetcher, 1)).toEqual(['other']);
    expect([fetcher.position(at(0)), fetcher.bufferedBytes]).toEqual([undefined, 0]);
  });

  test('a seek drops what has arrived and what is on its way', async () => {
    store(0, 0, ['old']);
    store(0, 50, ['new']);
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    await fetcher.waitForData(5_000);
    fetcher.seek(at(0), 50);
    expect(await read(fetcher, 1)).toEqual(['new']);
    expect(() => fetcher.seek(at(2), 1)).toThrow('t-2, which is not read');
  });

  test('a paused partition is neither polled nor fetched, and goes on where it was', async () => {
    store(0, 0, ['a']);
    const fetcher = makeFetcher();
    fetcher.add([at(0), at(1)]);
    await until('it has arrived', () => fetcher.bufferedBytes > 0);
    fetcher.pause([at(0)]);
    expect(fetcher.poll()).toEqual([]);
    store(1, 0, ['b']);
    expect(await read(fetcher, 1)).toEqual(['b']);
    const asked = broker.received(fetchApi).length;
    await until('two more fetches', () => broker.received(fetchApi).length >= asked + 2);
    const lately = broker
      .received(fetchApi)
      .slice(asked + 1)
      .flatMap(({ body }) => (body as RequestOf<typeof fetchApi>).topics.flatMap(({ partitions }) => partitions));
    expect(lately.map(({ partition }) => partition)).not.toContain(0);
    fetcher.resume([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
  });
});

describe('failures', () => {
  test.each([6, 74, 3, 56])('asks for the leader again after error %i and reads on', async (errorCode) => {
    let failures = 2;
    store(0, 0, ['a']);
    broker.on(fetchApi, (request) =>
      failures-- > 0 ? answerWith(request, () => ({ errorCode, records: null })) : longPoll(request),
    );
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
    expect(broker.received(metadataApi).length).toBeGreaterThanOrEqual(3);
  });

  test('survives lost sockets and a broker that is away for a while', async () => {
    store(0, 0, ['a']);
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
    await broker.close();
    await broker.listen();
    store(0, 1, ['b']);
    expect(await read(fetcher, 1)).toEqual(['b']);
    broker.dropAllSockets();
    store(0, 2, ['c']);
    expect(await read(fetcher, 1)).toEqual(['c']);
  });

  test('one leaderless partition hinders no other topic', async () => {
    broker.topics.set('leaderless', 1);
    broker.on(metadataApi, ({ topics }) =>
      broker.metadata(topics?.map(({ name }) => name ?? '') ?? [], ['leaderless']),
    );
    store(0, 0, ['a']);
    const fetcher = makeFetcher();
    fetcher.add([{ topic: 'leaderless', partition: 0, offset: 0 }, at(0)]);
    expect(await read(fetcher, 1)).toEqual(['a']);
  });

  test('hands out what cannot pass once, and the others go on', async () => {
    broker.on(fetchApi, (request) =>
      answerWith(request, ({ partition, fetchOffset }) =>
        partition === 0
          ? { errorCode: 29, records: null }
          : { errorCode: 0, records: fetchOffset === 0 ? batchOf(0, ['b']) : null },
      ),
    );
    const fetcher = makeFetcher();
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
    broker.on(fetchApi, (request) => answerWith(request, () => ({ errorCode: 0, records: broken })));
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('batch of 15 bytes');
  });

  test('a batch with a flipped bit was handed out: nothing compared its checksum', async () => {
    const flipped = batchOf(1, ['b']);
    flipped.writeUInt8((flipped.at(-2) ?? 0) ^ 1, flipped.length - 2);
    broker.on(fetchApi, (request) =>
      answerWith(request, ({ partition }) => ({
        errorCode: 0,
        records: partition === 0 ? Buffer.concat([batchOf(0, ['a']), flipped]) : null,
      })),
    );
    const fetcher = makeFetcher();
    fetcher.add([at(0)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('t-0: checksum of the batch at offset 1 is wrong');
  });

  test.each([
    ['earliest', 3],
    ['latest', 9],
  ] as const)('an offset that is out of range is reset to the %s', async (onOutOfRange, expected) => {
    broker.on(listOffsetsApi, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => ({
          partitionIndex,
          errorCode: 0,
          offset: timestamp === -2 ? 3 : 9,
        })),
      })),
    }));
    store(0, expected, ['found']);
    const fetcher = makeFetcher({ onOutOfRange });
    outOfRange(1_000);
    fetcher.add([at(0, 1_000)]);
    expect(await read(fetcher, 1)).toEqual(['found']);
  });

  test('a policy that throws is handed out like any failure', async () => {
    const fetcher = makeFetcher({
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
    const fetcher = makeFetcher();
    outOfRange(1_000);
    fetcher.add([at(0, 1_000)]);
    expect(await fetcher.waitForData(5_000)).toBe(true);
    expect(() => fetcher.poll()).toThrow('fetch at offset 1000 of t-0: OFFSET_OUT_OF_RANGE (1)');
  });
});

function outOfRange(offset: number): void {
  broker.on(fetchApi, (request) => {
    const isOut = request.topics.some(({ partitions }) => partitions.some(({ fetchOffset }) => fetchOffset === offset));
    return isOut ? answerWith(request, () => ({ errorCode: 1, records: null })) : longPoll(request);
  });
}
