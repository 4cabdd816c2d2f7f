import { appendFile, mkdtemp, open as openFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { DirectoryInUseError } from '../../src/queue/directory-lock.ts';
import { DiskQueue, QueueFullError } from '../../src/queue/disk-queue.ts';

const SEED = 20_261_121;
const record = (number: number, text = '') => ({ kind: 'heartbeat', value: { number, text } });

describe('DiskQueue', () => {
  let directory: string;
  let queue: DiskQueue;
  const open = (options: { maxBytes?: number; segmentBytes?: number } = {}) =>
    DiskQueue.open({ directory, maxBytes: 1_000_000, ...options });
  const readAll = async () => {
    const numbers: number[] = [];
    for (let records = await queue.read(200); records.length > 0; records = await queue.read(200)) {
      numbers.push(...records.map(({ value }) => (value as { number: number }).number));
    }
    return numbers;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-queue-'));
    queue = await open();
  });
  afterEach(async () => {
    await queue.close();
    await rm(directory, { recursive: true });
  });

  it('gives records in the order of the puts, without fields that are null', async () => {
    const puts = [1, 2, 3].map((number) => queue.put({ kind: 'event', value: { number, title: null, text: 'ü' } }));
    await Promise.all(puts);
    expect(await queue.read(1_000)).toEqual(
      [1, 2, 3].map((number) => ({ kind: 'event', value: { number, text: 'ü' } })),
    );
    expect(queue.records).toBe(3);
  });

  it.each([
    ['takes the rest then', 7, true],
    ['has no room for the rest', 1, false],
  ])('loses no record that it took when the disk takes a part of a write, and %s', async (_name, parts, isTaken) => {
    const probe = await openFile(join(directory, 'probe'), 'w');
    const handles = Object.getPrototypeOf(probe) as { write: (...args: readonly unknown[]) => Promise<unknown> };
    await probe.close();
    const { write } = handles;
    let calls = 0;
    handles.write = function (this: unknown, buffer, offset, length, position) {
      if (++calls > parts) return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      return write.call(this, buffer, offset, Math.ceil((length as number) / 2), position);
    };
    try {
      const put = queue.put(record(1)).then(
        () => true,
        () => false,
      );
      expect(await put).toBe(isTaken);
    } finally {
      handles.write = write;
    }
    await queue.close();
    queue = await open();
    expect(queue.found.records).toBe(isTaken ? 1 : 0);
  });

  it('has what was put when it is opened anew, and removes files that were released', async () => {
    await queue.close();
    queue = await open({ segmentBytes: 300 });
    for (let number = 0; number < 40; number++) await queue.put(record(number));
    expect((await readdir(directory)).length).toBeGreaterThan(3);
    await queue.close();
    queue = await open({ segmentBytes: 300 });
    expect(queue.found).toEqual({ records: 40, cutBytes: 0, damagedBytes: 0 });
    expect(await readAll()).toEqual(Array.from({ length: 40 }, (_, number) => number));
    await queue.release(40);
    expect(await readdir(directory)).toEqual([]);
    expect([queue.records, queue.bytes]).toEqual([0, 0]);
  });

  it('cuts off a torn write and goes on behind it', async () => {
    await queue.put(record(1));
    const [name = ''] = await readdir(directory);
    const whole = await readFile(join(directory, name));
    await queue.close();
    await appendFile(join(directory, name), whole.subarray(0, whole.length - 3));
    queue = await open();
    expect(queue.found).toEqual({ records: 1, cutBytes: whole.length - 3, damagedBytes: 0 });
    await queue.put(record(2));
    expect(await readAll()).toEqual([1, 2]);
  });

  it('could not be opened when it ended with zeros, as a file does that grew before a power cut', async () => {
    await queue.put(record(1));
    const [name = ''] = await readdir(directory);
    await queue.close();
    await appendFile(join(directory, name), Buffer.alloc(100));
    queue = await open();
    expect(queue.found).toEqual({ records: 1, cutBytes: 100, damagedBytes: 0 });
    await queue.put(record(2));
    expect(await readAll()).toEqual([1, 2]);
  });

  it('lost all records behind a damaged byte, wherever that is: it loses the one that has it', async () => {
    for (let number = 0; number < 5; number++) await queue.put(record(number));
    const [name = ''] = await readdir(directory);
    const whole = await readFile(join(directory, name));
    const entryBytes = whole.length / 5;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (at) => {
        await queue.close();
        const damaged = Buffer.from(whole);
        damaged[at] = damaged[at]! ^ 0x01;
        await writeFile(join(directory, name), damaged);
        queue = await open();
        const lost = Math.floor(at / entryBytes);
        const { cutBytes, damagedBytes } = queue.found;
        expect(lost === 4 ? cutBytes : damagedBytes).toBe(entryBytes);
        await queue.put(record(5));
        expect(await readAll()).toEqual([0, 1, 2, 3, 4, 5].filter((number) => number !== lost));
        expect((await readdir(directory)).length).toBe(1);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('told a damaged record at the end of a file that others follow as a torn write', async () => {
    await queue.close();
    queue = await open({ segmentBytes: 100 });
    for (let number = 0; number < 6; number++) await queue.put(record(number));
    await queue.close();
    const [first = ''] = (await readdir(directory)).sort();
    const whole = await readFile(join(directory, first));
    whole[whole.length - 1] = 0;
    await writeFile(join(directory, first), whole);
    queue = await open();
    expect(queue.found).toEqual({ records: 5, cutBytes: 0, damagedBytes: whole.length / 3 });
  });

  it('took minutes to open behind damage in which every number could be a length', async () => {
    await queue.put(record(1));
    const [name = ''] = await readdir(directory);
    const whole = await readFile(join(directory, name));
    await queue.close();
    const damage = Buffer.alloc(1024 * 1024, Buffer.of(0, 4));
    await writeFile(join(directory, name), Buffer.concat([damage, whole]));
    const before = performance.now();
    queue = await open();
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(queue.found).toEqual({ records: 1, cutBytes: 0, damagedBytes: damage.length });
    expect(await readAll()).toEqual([1]);
  });

  it('refuses what would make it larger than it may be, until something is released', async () => {
    await queue.close();
    queue = await open({ maxBytes: 200 });
    await queue.put(record(1, 'x'.repeat(60)));
    await expect(queue.put(record(2, 'x'.repeat(100)))).rejects.toBeInstanceOf(QueueFullError);
    expect(queue.records).toBe(1);
    await queue.read(1_000);
    await queue.release(1);
    await queue.put(record(2, 'x'.repeat(100)));
    expect(await readAll()).toEqual([2]);
  });

  it('keeps a file that is written to while what it held before is released', async () => {
    await queue.put(record(1));
    await queue.read(1_000);
    const [, released] = await Promise.all([queue.put(record(2)), queue.release(1)]);
    expect(released).toBeUndefined();
    expect(await readAll()).toEqual([2]);
    await queue.close();
    queue = await open();
    expect((await readAll()).at(-1)).toBe(2);
  });

  it('acknowledged records of a file of which the directory did not have the name on the disk', async () => {
    const handle = await openFile(directory);
    const syncs = jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
    await handle.close();
    syncs.mockRejectedValueOnce(new Error('no such luck'));
    await expect(queue.put(record(0))).rejects.toThrow('no such luck');
    expect(await readdir(directory)).toEqual([]);
    syncs.mockClear();
    await queue.put(record(1));
    await queue.put(record(2));
    expect(syncs).toHaveBeenCalledTimes(1);
    const [name = ''] = await readdir(directory);
    await queue.close();
    const whole = await readFile(join(directory, name));
    whole[10] = 0;
    await writeFile(join(directory, name), whole);
    syncs.mockClear();
    queue = await open();
    // The file that was written anew, and its name.
    expect(syncs).toHaveBeenCalledTimes(2);
    syncs.mockRestore();
  });

  it('belongs to one process at a time', async () => {
    await expect(open()).rejects.toBeInstanceOf(DirectoryInUseError);
  });

  it('reads a record that is larger than what is read at a time', async () => {
    await queue.put(record(7, 'y'.repeat(5_000)));
    expect(await readAll()).toEqual([7]);
  });
});
