import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBatch } from '../support/batches.ts';
import { openLog, readAll } from '../support/logs.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const FIRST_SEGMENT = '00000000000000000000.log';

/** A directory as a killed process leaves it: appended, never closed. */
function crashed(batches: readonly (readonly string[])[], config: Readonly<Record<string, string>> = {}): string {
  const directory = directories.make();
  const log = openLog(directory, config);
  for (const values of batches) log.append(makeBatch(values), 8, 0);
  return directory;
}

describe('a torn tail', () => {
  const batches = [['a', 'b'], ['c'], ['d', 'e', 'f']];
  const template = crashed(batches);
  const whole = readFileSync(join(template, FIRST_SEGMENT));
  const lastBatch = makeBatch(batches[2] ?? []).length;
  const lastStart = whole.length - lastBatch;

  test('is cut off at every byte of the last batch: what was whole before stays, appends go on', () => {
    const directory = directories.make();
    for (let size = lastStart; size < whole.length; size++) {
      rmSync(directory, { recursive: true, force: true });
      cpSync(template, directory, { recursive: true });
      truncateSync(join(directory, FIRST_SEGMENT), size);
      const log = openLog(directory);
      expect([size, log.nextOffset, log.recovered.truncatedBytes]).toEqual([size, 3, size - lastStart]);
      expect(log.append(makeBatch(['new']), 8, 0).baseOffset).toBe(3);
      expect(readAll(log)).toEqual(['0:a', '1:b', '2:c', '3:new']);
      log.close();
    }
  });

  test('any changed byte of the last batch that its checksum covers is found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: lastBatch - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const directory = directories.make();
        const damaged = Buffer.from(whole);
        damaged[lastStart + at] = (damaged[lastStart + at] ?? 0) ^ change;
        writeFileSync(join(directory, FIRST_SEGMENT), damaged);
        const log = openLog(directory);
        expect(log.nextOffset).toBe(3);
        log.close();
      }),
      { numRuns: 60 },
    );
  });

  test('of zeros, as file systems leave after a power failure, is cut off', () => {
    const directory = directories.make();
    writeFileSync(join(directory, FIRST_SEGMENT), Buffer.concat([whole, Buffer.alloc(100_000)]));
    const log = openLog(directory);
    expect(log.nextOffset).toBe(6);
    expect(log.recovered.truncatedBytes).toBe(100_000);
    log.close();
  });
});

describe('a start', () => {
  test('after a clean stop reads nothing of the log and keeps the leader epoch', () => {
    const directory = directories.make();
    const log = openLog(directory, { 'segment.bytes': '150' });
    for (let i = 0; i < 10; i++) log.append(makeBatch([`v${i}`]), 8, 0);
    log.close();
    const reopened = openLog(directory);
    expect(reopened.recovered).toEqual({ scannedBytes: 0, truncatedBytes: 0 });
    expect(reopened.leaderEpoch).toBe(0);
    expect(reopened.nextOffset).toBe(10);
    expect(readAll(reopened)).toHaveLength(10);
    reopened.close();
  });

  test('after a crash begins a new leader epoch and knows where the old one ended', () => {
    const log = openLog(crashed([['a'], ['b']]));
    expect(log.leaderEpoch).toBe(1);
    log.append(makeBatch(['c']), 8, 0);
    expect(log.endOfEpoch(0)).toEqual({ epoch: 0, endOffset: 2 });
    expect(log.endOfEpoch(1)).toEqual({ epoch: 1, endOffset: 3 });
    expect(log.endOfEpoch(2)).toEqual({ epoch: -1, endOffset: -1 });
    expect([0, 1, 2, 3].map((offset) => log.epochAt(offset))).toEqual([0, 0, 1, 1]);
    log.close();
  });

  test('finds everything in several segments without index files and checkpoint', () => {
    const values = Array.from({ length: 30 }, (_, i) => [`v${i}`]);
    const directory = crashed(values, { 'segment.bytes': '200' });
    for (const name of readdirSync(directory)) if (!name.endsWith('.log')) rmSync(join(directory, name));
    const log = openLog(directory);
    expect(log.segmentCount).toBeGreaterThan(5);
    expect(readAll(log)).toEqual(values.map(([value], offset) => `${offset}:${value}`));
    log.close();
    const again = openLog(directory);
    expect(again.recovered.scannedBytes).toBe(0);
    expect(readAll(again)).toHaveLength(30);
    again.close();
  });

  test('that has to read a segment from before the checkpoint again does not take its producers for the present ones', () => {
    const log = openLog(directories.make(), { 'segment.bytes': '100' });
    const producer = { producerId: 1, producerEpoch: 0 };
    for (let i = 0; i < 4; i++) log.append(makeBatch([`v${i}`], { ...producer, baseSequence: i }), 8, 0);
    log.close();
    rmSync(join(log.directory, FIRST_SEGMENT.replace('.log', '.index')));
    const reopened = openLog(log.directory);
    expect(reopened.recovered.scannedBytes).toBeGreaterThan(0);
    expect(reopened.append(makeBatch(['v4'], { ...producer, baseSequence: 4 }), 8, 0)).toMatchObject({ errorCode: 0 });
    reopened.close();
  });

  test('knows a producer that wrote into the segment before an empty one which a restart did not find again', () => {
    const directory = directories.make();
    const producer = { producerId: 1, producerEpoch: 0 };
    const first = openLog(directory);
    first.append(makeBatch(['v0'], { ...producer, baseSequence: 0 }), 8, 0);
    first.closeOpenSegment();
    first.checkpoint();
    const second = openLog(directory);
    second.append(makeBatch(['v1'], { ...producer, baseSequence: 1 }), 8, 0);
    second.closeOpenSegment();
    const third = openLog(directory);
    expect(third.append(makeBatch(['v1'], { ...producer, baseSequence: 1 }), 8, 0)).toMatchObject({
      errorCode: 0,
      baseOffset: 1,
    });
    third.close();
  });

  test('drops the segments after a damaged one', () => {
    const directory = crashed(
      Array.from({ length: 12 }, (_, i) => [`v${i}`]),
      { 'segment.bytes': '200' },
    );
    const logs = readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort();
    const second = join(directory, logs[1] ?? '');
    const firstKept = Number((logs[1] ?? '').slice(0, 20));
    truncateSync(second, 30);
    const log = openLog(directory);
    expect(log.nextOffset).toBe(firstKept);
    expect(log.append(makeBatch(['new']), 8, 0).baseOffset).toBe(firstKept);
    log.close();
  });

  test('copes with a checkpoint that says more than the log holds', () => {
    const directory = directories.make();
    const log = openLog(directory);
    log.append(makeBatch(['a']), 8, 0);
    const short = directories.make();
    log.append(makeBatch(['b']), 8, 0);
    log.close();
    copyFileSync(join(directory, 'checkpoint.json'), join(short, 'checkpoint.json'));
    writeFileSync(
      join(short, FIRST_SEGMENT),
      readFileSync(join(directory, FIRST_SEGMENT)).subarray(0, makeBatch(['a']).length),
    );
    const reopened = openLog(short);
    expect(readAll(reopened)).toEqual(['0:a']);
    reopened.close();
  });

  test('with a start beyond what is left begins there, so that no offset is given twice', () => {
    const directory = directories.make();
    const log = openLog(directory);
    for (const value of ['a', 'b', 'c']) log.append(makeBatch([value]), 8, 0);
    log.deleteRecordsBefore(3);
    truncateSync(
      join(
        directory,
        readdirSync(directory)
          .filter((name) => name.endsWith('.log'))
          .sort()[0] ?? '',
      ),
      0,
    );
    const reopened = openLog(directory);
    expect([reopened.logStartOffset, reopened.nextOffset]).toEqual([3, 3]);
    expect(reopened.append(makeBatch(['d']), 8, 0).baseOffset).toBe(3);
    reopened.close();
  });

  test('after a crash reads of the open segment only, once the ones before it are of some size', () => {
    const directory = directories.make();
    const log = openLog(directory, { 'segment.bytes': String(2 * 1024 * 1024) });
    const value = 'x'.repeat(100_000);
    for (let i = 0; i < 50; i++)
      log.append(makeBatch([value], { producerId: 1, producerEpoch: 0, baseSequence: i }), 8, 0);
    const reopened = openLog(directory);
    expect(reopened.segmentCount).toBe(3);
    expect(reopened.recovered.scannedBytes).toBe(reopened.openSegmentBytes);
    expect(reopened.recovered.scannedBytes).toBeGreaterThan(0);
    const retry = makeBatch([value], { producerId: 1, producerEpoch: 0, baseSequence: 45 });
    expect(reopened.append(retry, 8, 0).baseOffset).toBe(45);
    reopened.close();
    log.close();
  });

  test('after a crash at any point of any history has every batch that was acknowledged', () => {
    const action = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('delete' as const), part: fc.integer({ min: 0, max: 100 }) }),
      },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const config = { 'segment.bytes': '400' };
        const directory = directories.make();
        let log = openLog(directory, config);
        const expected: string[] = [];
        let start = 0;
        for (const step of [...actions, { kind: 'crash' as const }]) {
          if (step.kind === 'append') {
            const values = Array.from({ length: step.count }, (_, i) => `v${expected.length + i}`);
            expect(log.append(makeBatch(values), 8, 0).errorCode).toBe(0);
            for (const value of values) expected.push(`${expected.length}:${value}`);
          } else if (step.kind === 'checkpoint') {
            log.checkpoint();
          } else if (step.kind === 'delete') {
            start = log.deleteRecordsBefore(Math.max(start, Math.floor((expected.length * step.part) / 100))) ?? start;
          } else {
            if (step.kind === 'restart') log.close();
            log = openLog(directory, config);
            expect(log.recovered.truncatedBytes).toBe(0);
          }
          expect([log.logStartOffset, log.nextOffset]).toEqual([start, expected.length]);
        }
        expect(readAll(log)).toEqual(expected.slice(start));
        log.close();
      }),
      { numRuns: 60 },
    );
  });
});
