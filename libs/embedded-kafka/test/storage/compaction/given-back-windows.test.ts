import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { findCleanable } from '../../../src/storage/compaction/cleanable.ts';
import { readCleanerCheckpoint } from '../../../src/storage/compaction/cleaner-checkpoint.ts';
import { compact } from '../../../src/storage/compaction/compaction-pass.ts';
import { KeyOffsets } from '../../../src/storage/compaction/key-offsets.ts';
import { batchesFrom } from '../../../src/storage/compaction/segment-batches.ts';
import { TimeSlice } from '../../../src/storage/compaction/time-slice.ts';
import type { PartitionLog } from '../../../src/storage/partition-log.ts';
import { readBuffers } from '../../../src/storage/read-buffers.ts';
import type { Segment } from '../../../src/storage/segment.ts';
import { brief, compactOnce, consume, tableOf } from '../../support/compaction.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';
import { append, newLogsIn, NOW, put } from './keyed-log.ts';

const directories = new TemporaryDirectories();
const newLog = newLogsIn(directories);

afterEach(() => void jest.restoreAllMocks());
afterAll(() => directories.removeAll());

const CODECS = ['none', 'gzip', 'zstd'] as const;

/** Some windows of batches, of which compaction keeps some, takes others and writes others anew; one is longer than a window. */
function filled(): PartitionLog {
  const log = newLog({ 'segment.bytes': '1000000' });
  for (let n = 0; n < 120; n++) {
    const records = Array.from({ length: 20 }, (_, i) =>
      put(`key-${(n * 7 + i * (n % 5)) % 300}`, n % 11 === 0 ? null : `${n}`.padEnd(n === 60 ? 30_000 : 500, '.')),
    );
    append(log, records, { compression: CODECS[n % 7] ?? 'none' });
  }
  log.closeOpenSegment();
  append(log, [put('open', '1')]);
  return log;
}

/** Whoever looks at a buffer that was given back sees nothing but this from now on. */
function overwritten(): { readonly times: number } {
  const giveBack = readBuffers.giveBack.bind(readBuffers);
  const count = { times: 0 };
  jest.spyOn(readBuffers, 'giveBack').mockImplementation((bytes) => {
    new Uint8Array(bytes.buffer).fill(0xee);
    count.times++;
    giveBack(bytes);
  });
  return count;
}

test('a pass looks at no window that it gave back', async () => {
  const [given, kept] = [filled(), filled()];
  const before = tableOf(consume(kept, 100_000));
  await compactOnce(kept);
  const count = overwritten();
  await compactOnce(given);
  expect(count.times).toBeGreaterThan(4);
  jest.restoreAllMocks();
  expect(consume(given, 100_000)).toEqual(consume(kept, 100_000));
  expect(tableOf(consume(given, 100_000))).toEqual(before);
  for (const log of [given, kept]) log.close();
});

test('a window stays its reader’s who stops within it', () => {
  const log = filled();
  const segment = log.closedSegments[0] as Segment;
  const count = overwritten();
  const held: { readonly bytes: Buffer; readonly copy: Buffer }[] = [];
  for (let n = 0; n < 3; n++) {
    for (const { bytes } of batchesFrom(segment, n)) {
      held.push({ bytes, copy: Buffer.from(bytes) });
      break;
    }
  }
  expect(count.times).toBe(0);
  for (const _batch of batchesFrom(segment, 0));
  expect(held.every(({ bytes, copy }) => bytes.equals(copy))).toBe(true);
  log.close();
});

/** Rests after each batch, and something happens meanwhile. */
class Eventful extends TimeSlice {
  readonly #meanwhile: () => void;

  constructor(meanwhile: () => void) {
    super();
    this.#meanwhile = meanwhile;
  }

  override get isOver(): boolean {
    return true;
  }

  override async rest(): Promise<void> {
    this.#meanwhile();
  }
}

test('a pass ends where its log ended when it began, however much the log grows during its rests', async () => {
  const log = newLog({ 'segment.bytes': '100' });
  for (let n = 0; n < 10; n++) append(log, [put('a', `${n}`)]);
  log.closeOpenSegment();
  const cleanable = findCleanable(log, readCleanerCheckpoint(log.directory), NOW);
  if (cleanable === null) throw new Error('there is nothing to compact');
  const end = log.nextOffset;
  let rests = 0;
  const slice = new Eventful(() => {
    rests++;
    for (let n = 0; n < 3; n++) append(log, [put('a', 'later')]);
  });
  const options = { latest: new KeyOffsets(64 * 1024), slice, nowMs: NOW, signal: new AbortController().signal };
  expect(await compact(log, cleanable, options)).toMatchObject({ firstDirtyOffset: end });
  expect(rests).toBe(20);
  expect(brief(consume(log)).slice(0, 2)).toEqual([`${end - 1}:a=9`, `${end}:a=later`]);
  log.close();
});
