import { afterAll, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeBatch } from '../../support/batches.ts';
import { brief, compactOnce, consume, diesInSwap, EAGER, Killed, renamesOfSwap } from '../../support/compaction.ts';
import { openLog } from '../../support/logs.ts';
import { TemporaryDirectories } from '../../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

const CONFIG = { ...EAGER, 'delete.retention.ms': '0' };

/** Four closed segments, of which the third ends up empty, and an open one. Small enough to be compacted into one. */
function fourSegments() {
  const log = openLog(directories.make(), { ...CONFIG, 'segment.bytes': '2000' });
  const rows = [['a', 'b'], ['a', 'c'], ['b'], ['d', 'b'], ['e']];
  for (const [i, keys] of rows.entries()) {
    log.append(
      makeBatch(
        keys.map((key) => ({ key, value: `${key}${i}` })),
        { producerId: 3, producerEpoch: 0, baseSequence: 2 * i - Number(i > 2) },
      ),
      8,
      0,
    );
    if (i < rows.length - 1) log.closeOpenSegment();
  }
  return log;
}

const RENAMES = renamesOfSwap(fourSegments().closedSegments);
const BEFORE = ['0:a=a0', '1:b=b0', '2:a=a1', '3:c=c1', '4:b=b2', '5:d=d3', '6:b=b3', '7:e=e4'];
const AFTER = ['2:a=a1', '3:c=c1', '5:d=d3', '6:b=b3', '7:e=e4'];
/** From the rename of the log on, the new segment counts. */
const COMMITTED_AFTER = 2;

test('the swap has as many steps as are tried here', () => {
  expect(RENAMES).toHaveLength(12);
});

test.each(Array.from({ length: RENAMES.length + 1 }, (_, i) => i))(
  'a kill after %i of the renames leaves the old segments or the new one',
  async (renames) => {
    const log = fourSegments();
    const remains = join(directories.make(), 'remains');
    await expect(compactOnce(log, { view: diesInSwap(log, remains, 1, renames) })).rejects.toThrow(Killed);
    const reopened = openLog(remains, CONFIG);
    expect(brief(consume(reopened))).toEqual(renames < COMMITTED_AFTER ? BEFORE : AFTER);
    expect(reopened.nextOffset).toBe(8);
    expect(reopened.recovered.truncatedBytes).toBe(0);
    // The index came along: nothing before the checkpoint had to be read.
    expect(reopened.recovered.scannedBytes).toBe(0);
    expect(readdirSync(remains).filter((name) => /cleaned|swap/.test(name) && name !== 'cleaned.json')).toEqual([]);
    // What follows does not depend on what happened.
    await compactOnce(reopened);
    expect(brief(consume(reopened))).toEqual(AFTER);
    expect(reopened.append(makeBatch([{ key: 'f', value: 'f' }]), 8, 0)).toMatchObject({ errorCode: 0, baseOffset: 8 });
    reopened.close();
    log.close();
  },
);

test('a kill in the middle of the recovery of a swap is recovered in its turn', async () => {
  for (let first = COMMITTED_AFTER; first <= RENAMES.length; first++) {
    const log = fourSegments();
    const remains = join(directories.make(), 'remains');
    await expect(compactOnce(log, { view: diesInSwap(log, remains, 1, first) })).rejects.toThrow(Killed);
    openLog(remains, CONFIG);
    const again = openLog(remains, CONFIG);
    expect(brief(consume(again))).toEqual(AFTER);
    again.close();
    log.close();
  }
});

test.each(RENAMES.slice(0, -2).map(([, to], i) => [i, to] as const))(
  'a rename of a swap that failed (%i, to %s) left the log broken until the next start',
  async (i, to) => {
    const log = fourSegments();
    // A file cannot take the place of a directory.
    const obstacle = join(log.directory, to);
    mkdirSync(join(obstacle, 'full'), { recursive: true });
    await expect(compactOnce(log)).rejects.toThrow(/EISDIR|ENOTEMPTY|ENOTDIR/);
    expect(brief(consume(log))).toEqual(i < COMMITTED_AFTER ? BEFORE : AFTER);
    expect(log.append(makeBatch([{ key: 'f', value: 'f' }]), 8, 0)).toMatchObject({ errorCode: 0, baseOffset: 8 });
    log.closeOpenSegment();
    // A swap of more segments has another name; one that counts already is completed first.
    if (i >= COMMITTED_AFTER) await expect(compactOnce(log)).rejects.toThrow(/EISDIR|ENOTEMPTY|ENOTDIR/);
    const reopened = openLog(copyWithout(log.directory, to), CONFIG);
    expect(brief(consume(reopened))).toEqual([...(i < COMMITTED_AFTER ? BEFORE : AFTER), '8:f=f']);
    reopened.close();
    rmSync(obstacle, { recursive: true });
    await compactOnce(log);
    expect(brief(consume(log))).toEqual([...AFTER, '8:f=f']);
    log.close();
    const again = openLog(log.directory, CONFIG);
    expect(brief(consume(again))).toEqual([...AFTER, '8:f=f']);
    again.close();
  },
);

/** What a start would find had the process been killed, once the obstacle has gone. */
function copyWithout(directory: string, obstacle: string): string {
  const copy = join(directories.make(), 'copy');
  cpSync(directory, copy, { recursive: true });
  rmSync(join(copy, obstacle), { recursive: true, force: true });
  return copy;
}
