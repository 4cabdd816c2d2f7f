import { describe, expect, test } from '@jest/globals';
import { Changes } from '../../../../src/runtime/storage/lmdb/changes.ts';
import type { LmdbTable } from '../../../../src/runtime/storage/lmdb/lmdb-table.ts';

const KEY = Buffer.from('key');

/** A table of which what is put and removed is noted. */
function notedTable() {
  const written: string[] = [];
  const table = {
    put: (key: Uint8Array, row: Uint8Array) => written.push(`${Buffer.from(key)} = ${Buffer.from(row)}`),
    remove: (key: Uint8Array) => written.push(`${Buffer.from(key)} removed`),
  } as unknown as LmdbTable;
  return { table, written };
}

describe('a row that is written again before its commit', () => {
  test('took new memory with every other length, and none of it was counted', () => {
    const changes = new Changes();
    const change = changes.add(notedTable().table, Buffer.alloc(0), KEY);
    changes.writeRow(change, 100);
    const { rowBytes, rowStart } = change;
    const { bytes } = changes;
    for (const length of [99, 100, 1, 100]) changes.writeRow(change, length);
    changes.removeRow(change);
    changes.writeRow(change, 100);
    expect([change.rowBytes === rowBytes, change.rowStart, changes.bytes]).toEqual([true, rowStart, bytes]);
  });

  test('is counted with what it leaves behind while it grows, which is less than what it has', () => {
    const changes = new Changes();
    const change = changes.add(notedTable().table, Buffer.alloc(0), KEY);
    const { bytes } = changes;
    for (let length = 1; length <= 10_000; length++) changes.writeRow(change, length);
    expect(changes.bytes - bytes).toBeGreaterThan(change.rowCapacity);
    expect(changes.bytes - bytes).toBeLessThan(2 * change.rowCapacity);
  });

  test('is stored as it was written last, the sealed one as it was then', () => {
    const changes = new Changes();
    const { table, written } = notedTable();
    const put = (change: ReturnType<Changes['add']>, text: string): void => {
      changes.writeRow(change, text.length);
      change.rowBytes.write(text, change.rowStart);
    };
    const first = changes.add(table, Buffer.from('a '), KEY);
    put(first, 'long');
    put(first, 'no');
    changes.seal();
    const second = changes.addAgain(first);
    put(second, 'longer');
    changes.removeRow(second);
    put(second, 'yes');
    changes.write();
    changes.committed();
    changes.seal();
    changes.write();
    changes.committed();
    expect(written).toEqual(['a key = no', 'a key = yes']);
    expect(changes.bytes).toBe(0);
  });
});
