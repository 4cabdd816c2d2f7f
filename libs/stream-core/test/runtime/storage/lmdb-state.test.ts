import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PendingCodecError, serdes, stores } from '@playhead/stream-core';
import type { Serde } from '@playhead/stream-core';
import { LmdbBackend } from '../../../src/runtime/storage/lmdb/lmdb-backend.ts';
import type { LmdbOptions } from '../../../src/runtime/storage/state-options.ts';
import { StoredTask, type Log } from '../../state/stored-task.ts';
import { eventually, silent } from '../runtime-fakes.ts';

const builder = stores.keyValue({ name: 's', key: serdes.string, value: serdes.string });

describe('a state directory', () => {
  let stateDir: string;
  const opened: LmdbBackend[] = [];
  const clock = { nowMs: 0 };
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'state-'));
    clock.nowMs = 0;
  });
  afterEach(async () => {
    for (const backend of opened.splice(0)) await backend.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  async function open(options: Partial<LmdbOptions> = {}, bootId = 'this start'): Promise<LmdbBackend> {
    const context = { applicationId: 'app', logger: silent, clock: () => clock.nowMs };
    const backend = new LmdbBackend({ stateDir, ...options }, context, bootId);
    await backend.open();
    opened.push(backend);
    return backend;
  }

  async function close(backend: LmdbBackend): Promise<void> {
    opened.splice(opened.indexOf(backend), 1);
    await backend.close();
  }

  /** Stores one entry in a task and closes it. */
  async function fill(backend: LmdbBackend, value = 'x'): Promise<void> {
    const task = await StoredTask.begin(backend, builder, []);
    task.store.put('a', value, 1);
    await task.commit();
    await task.crash();
  }

  async function read(backend: LmdbBackend): Promise<string | null> {
    const task = await StoredTask.begin(backend, builder, [], { withTail: false });
    const value = task.store.get('a');
    await task.crash();
    return value;
  }

  test('is refused to a second instance while the first has it, and free after it', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(`${join(stateDir, 'app')} is in use`);
    const { processId } = first;
    await close(first);
    expect((await open()).processId).toBe(processId);
  }, 30_000);

  test('after a crash without a power cut holds what was committed', async () => {
    const first = await open();
    await fill(first);
    await close(first);
    writeFileSync(join(stateDir, 'app', 'running.json'), JSON.stringify({ bootId: 'this start' }));
    expect(await read(await open())).toBe('x');
  });

  test.each([
    ['the machine was started anew', JSON.stringify({ bootId: 'the start before' })],
    ['the marker is torn', '{"boo'],
  ])('is emptied when it was not shut down and %s', async (_what, marker) => {
    const first = await open();
    await fill(first);
    await close(first);
    writeFileSync(join(stateDir, 'app', 'running.json'), marker);
    expect(await read(await open())).toBeNull();
  });

  test('after a clean shutdown is trusted, although the machine was started anew', async () => {
    const first = await open();
    await fill(first);
    await close(first);
    expect(existsSync(join(stateDir, 'app', 'running.json'))).toBe(false);
    expect(await read(await open({}, 'the next start'))).toBe('x');
  });

  test('with a file that LMDB cannot read begins with nothing', async () => {
    mkdirSync(join(stateDir, 'app', '0_0'), { recursive: true });
    writeFileSync(join(stateDir, 'app', '0_0', 'data.mdb'), Buffer.alloc(20_000, 7));
    const backend = await open();
    expect(await read(backend)).toBeNull();
    await fill(backend);
    expect(await read(backend)).toBe('x');
  });

  test('says which tasks it has, and forgets one that has been elsewhere for long', async () => {
    const backend = await open({ cleanupDelayMs: 1_000 });
    await fill(backend);
    expect((await backend.storedTasks()).map(({ taskId }) => taskId)).toEqual(['0_0']);
    clock.nowMs = 999;
    backend.removeGone();
    expect(await read(backend)).toBe('x');
    clock.nowMs = 2_000;
    backend.removeGone();
    expect([await backend.storedTasks(), existsSync(join(stateDir, 'app', '0_0'))]).toEqual([[], false]);
  });

  test('a schema that stored rows need is loaded before the task begins', async () => {
    const known = new Set<number>();
    let asked = 0;
    /** Texts with a number of their format in front; a format that is not known has to be loaded. */
    const versioned = (format: number): Serde<string> => ({
      open: () => ({
        ready: Promise.resolve(),
        serialize: (value) => Buffer.from([format, ...Buffer.from(value)]),
        formatOf: (bytes) => bytes[0],
        deserialize: (bytes) => {
          const id = bytes[0] as number;
          if (!known.has(id)) {
            asked++;
            throw new PendingCodecError(Promise.resolve().then(() => void known.add(id)));
          }
          return Buffer.from(bytes.subarray(1)).toString();
        },
      }),
    });
    const of = (format: number) => stores.keyValue({ name: 's', key: serdes.string, value: versioned(format) });
    const backend = await open({ cacheBytes: 0 });
    known.add(1);
    const old = await StoredTask.begin(backend, of(1), []);
    old.store.put('a', 'written with 1', 1);
    await old.commit();
    await old.crash();
    known.clear();
    known.add(2);
    const task = await StoredTask.begin(backend, of(2), [], { withTail: false });
    expect([asked, task.store.get('a')]).toEqual([1, 'written with 1']);
    await task.crash();
  });

  test('rows restored into empty state and committed unread were not found: what is new there was taken to be all in memory', async () => {
    const backend = await open();
    const windows = stores.window({
      name: 'w',
      key: serdes.string,
      value: serdes.string,
      windowSizeMs: 1,
      retentionMs: 9,
    });
    const [log, windowLog]: [Log, Log] = [[], []];
    const first = await StoredTask.begin(backend, builder, log);
    first.store.put('a', 'x', 1);
    await first.crash();
    const second = await StoredTask.begin(backend, windows, windowLog, { taskId: '0_1' });
    second.store.put('a', 'y', 5, 1);
    await second.crash();
    const [task, windowed] = [
      await StoredTask.begin(backend, builder, log),
      await StoredTask.begin(backend, windows, windowLog, { taskId: '0_1' }),
    ];
    await task.commit();
    await windowed.commit();
    expect([task.store.get('a'), task.store.get('b')]).toEqual(['x', null]);
    expect([windowed.store.fetch('a', 5), windowed.store.fetch('b', 5)]).toEqual(['y', null]);
    await task.crash();
    await windowed.crash();
  });

  test('a value whose format could not be read back removed the row that was stored', async () => {
    const strict: Serde<string> = {
      open: () => ({
        serialize: (value) => Buffer.from(value),
        formatOf: (bytes) => bytes[0],
        deserialize: (bytes) => {
          if (bytes[0] === 'b'.charCodeAt(0)) throw new Error('no such format');
          return Buffer.from(bytes).toString();
        },
      }),
    };
    const strictBuilder = stores.keyValue({ name: 's', key: serdes.string, value: strict });
    const backend = await open();
    const task = await StoredTask.begin(backend, strictBuilder, []);
    task.store.put('a', 'a row', 1);
    await task.commit();
    expect(() => task.store.put('a', 'b row', 2)).toThrow('no such format');
    await task.commit();
    await task.crash();
    expect(await read(backend)).toBe('a row');
  });

  test('says how many bytes a task and each of its stores take on disk', async () => {
    const backend = await open();
    const windows = stores.window({
      name: 'w',
      key: serdes.string,
      value: serdes.string,
      windowSizeMs: 1_000,
      retentionMs: 60_000,
    });
    const task = await StoredTask.begin(backend, windows, []);
    expect(task.storage.diskUsage?.storeBytes).toEqual(new Map([['w', 0]]));
    // Of two of the store's tables.
    for (let i = 0; i < 100; i++) task.store.put(`key-${i}`, 'v'.repeat(1_000), (i % 2) * 31_000, 1);
    await task.commit();
    const { totalBytes, storeBytes } = task.storage.diskUsage!;
    expect(storeBytes.get('w')).toBeGreaterThan(100_000);
    expect(totalBytes).toBeGreaterThan(storeBytes.get('w')!);
    expect(totalBytes).toBe(statSync(join(stateDir, 'app', '0_0', 'data.mdb')).size);
    await task.crash();
    expect(task.storage.diskUsage).toBeUndefined();
  });

  test('memory that is not committed is counted, and free after the commit', async () => {
    const backend = await open();
    const task = await StoredTask.begin(backend, builder, []);
    for (let i = 0; i < 100; i++) task.store.put(`key-${i}`, 'v'.repeat(100), 1);
    expect(task.storage.uncommittedBytes).toBeGreaterThan(10_000);
    task.seal();
    task.store.put('later', 'v', 1);
    await task.commitSealed();
    expect(task.storage.uncommittedBytes).toBeLessThan(1_000);
    await task.commit();
    await eventually(() => task.storage.uncommittedBytes === 0, 'nothing is left');
    await task.crash();
  });
});
