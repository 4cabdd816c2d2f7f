import { afterAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { FilePool } from '../../src/storage/file-pool.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

describe('FilePool', () => {
  test('holds no more files open than allowed, and a closed one opens again at its next use', () => {
    const pool = new FilePool(3);
    const directory = directories.make();
    const files = Array.from({ length: 10 }, (_, i) => pool.file(join(directory, String(i))));
    for (const [i, file] of files.entries()) file.write(Buffer.from(`file ${i}`), 0);
    expect(pool.openFiles).toBe(3);
    for (const [i, file] of files.entries()) {
      const bytes = Buffer.alloc(6);
      expect(file.read(bytes, 0)).toBe(6);
      expect(bytes.toString()).toBe(`file ${i}`);
      expect(pool.openFiles).toBeLessThanOrEqual(3);
    }
    for (const file of files) file.close();
    expect(pool.openFiles).toBe(0);
  });

  test('a file that is being synced may be closed: the handle goes when the sync is over', async () => {
    const pool = new FilePool(1);
    const directory = directories.make();
    const file = pool.file(join(directory, 'a'));
    file.write(Buffer.from('text'), 0);
    const synced = file.sync();
    pool.file(join(directory, 'b')).write(Buffer.from('other'), 0);
    expect(pool.openFiles).toBe(1);
    await expect(synced).resolves.toBeUndefined();
    const bytes = Buffer.alloc(10);
    expect(file.read(bytes, 0)).toBe(4);
  });
});
