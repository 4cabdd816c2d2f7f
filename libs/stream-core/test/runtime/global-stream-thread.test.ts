import { describe, expect, test } from '@jest/globals';
import { SerdeError } from '../../src/errors.ts';
import { GlobalStreamThread } from '../../src/runtime/global-stream-thread.ts';
import { PendingCodecError } from '../../src/serde/serde.ts';
import { eventually, FakeFetcher, fetched, silent } from './runtime-fakes.ts';

/** Global table `titles` over two partitions of five and no records. */
class Scene {
  readonly applied: string[] = [];
  readonly errors: unknown[] = [];
  readonly skipped: string[] = [];
  readonly fetcher = new FakeFetcher();
  skip = false;
  update: (value: string) => void = () => {};
  readonly thread = new GlobalStreamThread({
    client: {
      listOffsets: (partitions, at) =>
        Promise.resolve(
          partitions.map((place) => ({
            ...place,
            offset: at === 'latest' && place.partition === 0 ? 5 : 0,
            timestamp: -1,
          })),
        ),
    },
    isolation: 'read_committed',
    createFetcher: () => this.fetcher,
    stores: {
      topics: ['titles'],
      update: ({ topic }, key, value) => {
        this.update(String(value));
        this.applied.push(`${topic} ${String(key)}=${String(value)}`);
      },
      close: () => this.applied.push('closed'),
    },
    partitions: new Map([['titles', 2]]),
    sliceMs: 1,
    skipRecord: ({ topic, partition, offset }) => {
      this.skipped.push(`${topic}/${partition}@${offset}`);
      return this.skip;
    },
    onError: (error) => this.errors.push(error),
    logger: silent,
  });
}

const five = fetched('titles', 0, 0, ['a=1', 'b=2', 'c=3', 'd=4', 'e=5']);

describe('the reader of global tables', () => {
  test('is started when every partition is read to the end of then, and goes on after that', async () => {
    const scene = new Scene();
    let started = false;
    const start = scene.thread.start().then(() => {
      started = true;
    });
    await eventually(() => scene.fetcher.added.length === 2, 'the fetch');
    scene.fetcher.feed(fetched('titles', 1, 0, ['x=9']));
    await eventually(() => scene.applied.length === 1, 'the other partition');
    expect(started).toBe(false);
    scene.fetcher.feed(five);
    await start;
    scene.fetcher.feed(fetched('titles', 0, 5, ['a=6']));
    await eventually(() => scene.applied.length === 7, 'the update');
    expect(scene.applied.at(-1)).toBe('titles a=6');
    expect(scene.thread.progress.hasReached({ topic: 'titles', partition: 0, offset: 5 })).toBe(true);
    await scene.thread.stop();
    expect([scene.applied.at(-1), scene.errors]).toEqual(['closed', []]);
  });

  test('waits for a schema and then applies the record in its place', async () => {
    const scene = new Scene();
    let known = false;
    scene.update = (value) => {
      if (value !== '3' || known) return;
      throw new PendingCodecError(
        new Promise((resolve) => {
          setImmediate(() => {
            known = true;
            resolve();
          });
        }),
      );
    };
    const start = scene.thread.start();
    scene.fetcher.feed(five);
    await start;
    expect(scene.applied.map((line) => line.at(-1))).toEqual(['1', '2', '3', '4', '5']);
    expect(scene.skipped).toEqual([]);
    await scene.thread.stop();
  });

  test.each([
    ['cannot be read', () => new SerdeError('not Avro')],
    ['has an unknown schema', () => new PendingCodecError(Promise.reject(new SerdeError('unknown id')))],
  ])('leaves a record out that %s, where the handler allows it', async (_, error) => {
    const scene = new Scene();
    scene.skip = true;
    scene.update = (value) => {
      if (value === '3') throw error();
    };
    const start = scene.thread.start();
    scene.fetcher.feed(five);
    await start;
    expect(scene.applied).toHaveLength(4);
    expect(scene.skipped).toEqual(['titles/0@2']);
    await scene.thread.stop();
  });

  test('waits for a registry that is away, whatever the handler says of unreadable records', async () => {
    const scene = new Scene();
    scene.skip = true;
    let refusals = 2;
    scene.update = (value) => {
      if (value === '3' && refusals-- > 0) throw new PendingCodecError(Promise.reject(new Error('registry away')));
    };
    const start = scene.thread.start();
    scene.fetcher.feed(five);
    await start;
    expect(scene.applied.map((line) => line.at(-1))).toEqual(['1', '2', '3', '4', '5']);
    expect(scene.skipped).toEqual([]);
    await scene.thread.stop();
  });

  test('can be stopped while it waits for a schema', async () => {
    const scene = new Scene();
    let isWaiting = false;
    scene.update = () => {
      isWaiting = true;
      throw new PendingCodecError(new Promise(() => {}));
    };
    const start = scene.thread.start().catch((error: unknown) => error);
    scene.fetcher.feed(five);
    await eventually(() => isWaiting, 'the schema is asked for');
    await scene.thread.stop();
    expect(String(await start)).toContain('stopped before they were filled');
    expect([scene.applied, scene.errors]).toEqual([['closed'], []]);
  });

  test('refuses a question that waits for a record when it is stopped', async () => {
    const scene = new Scene();
    const start = scene.thread.start();
    scene.fetcher.feed(five);
    await start;
    const asked = scene.thread.progress
      .reached({ topic: 'titles', partition: 0, offset: 99 }, new AbortController().signal)
      .catch((error: unknown) => error);
    await scene.thread.stop();
    expect(await asked).toMatchObject({ reason: 'NOT_RUNNING' });
  });

  test('ends by such a record where the handler does not, and is not started', async () => {
    const scene = new Scene();
    scene.update = () => {
      throw new SerdeError('not Avro');
    };
    const start = scene.thread.start();
    scene.fetcher.feed(five);
    await expect(start).rejects.toThrow('stopped before they were filled');
    expect(scene.errors).toEqual([new SerdeError('not Avro')]);
  });
});
