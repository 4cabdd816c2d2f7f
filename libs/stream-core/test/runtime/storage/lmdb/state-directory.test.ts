import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StateDirectory } from '../../../../src/runtime/storage/lmdb/state-directory.ts';
import { silent } from '../../runtime-fakes.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-directory-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const open = (path: string) => StateDirectory.open({ path, bootId: 'boot', logger: silent });

test('a directory is made with those above it', async () => {
  const path = join(root, 'a/b/c');
  const directory = await open(path);
  expect(directory.path).toBe(path);
  await directory.close();
});

test('a directory below /proc, where none can be made, was tried for ever', async () => {
  await expect(open('/proc/nobody/app')).rejects.toThrow('the state directory /proc/nobody/app cannot be made');
});

test('a file in its place is said to be in the way', async () => {
  writeFileSync(join(root, 'app'), '');
  await expect(open(join(root, 'app'))).rejects.toThrow(/cannot be made: .*EEXIST/);
});
