import { appendFile, open as fsOpen, mkdir, mkdtemp, readFile, rename, rm, rmdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RevocationList } from '../src/revocation-list.ts';

const owner = (session: string) => ({ tenant: 'demo', account: 'acc-1', session });

describe('RevocationList', () => {
  let directory: string;
  let path: string;
  let now: number;
  const open = () => new RevocationList(path, () => now);
  const lines = async () => (await readFile(path, 'utf8')).split('\n').length - 1;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-revoked-'));
    path = join(directory, 'revocations.jsonl');
    now = 1000;
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('lost an acknowledged revocation at the restart: it stood behind what a failed append had left', async () => {
    const list = open();
    await list.add({ ...owner('s-1'), expiresAt: 9000 });
    // As a full disk does it: a part is written, and the append fails.
    await rename(path, `${path}.kept`);
    await mkdir(path);
    await expect(list.add({ ...owner('s-2'), expiresAt: 9000 })).rejects.toThrow('EISDIR');
    await rmdir(path);
    await rename(`${path}.kept`, path);
    await appendFile(path, '{"tenant":"demo","acc');
    await list.add({ ...owner('s-3'), expiresAt: 9000 });
    const after = open();
    expect(['s-1', 's-2', 's-3'].map((session) => after.has(owner(session)))).toEqual([true, false, true]);
  });

  it('answered before the disk had it: a power cut lost it, and nobody told it again', async () => {
    const handle = await fsOpen(directory);
    const syncs = jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
    await handle.close();
    const list = open();
    await list.add({ ...owner('s-0'), expiresAt: 9000 });
    expect(syncs).toHaveBeenCalledTimes(1);
    // What comes meanwhile is flushed together.
    const sessions = Array.from({ length: 200 }, (_, number) => `t-${number}`);
    await Promise.all(sessions.map((session) => list.add({ ...owner(session), expiresAt: 9000 })));
    expect(syncs).toHaveBeenCalledTimes(2);
    await list.close();
    syncs.mockRestore();
    const after = open();
    expect(['s-0', ...sessions].filter((session) => !after.has(owner(session)))).toEqual([]);
  });

  it('served a session again too early, which was revoked once more with an older ticket', async () => {
    const list = open();
    await Promise.all([9000, 2000].map((expiresAt) => list.add({ ...owner('s-1'), expiresAt })));
    now = 3000;
    expect([list.has(owner('s-1')), open().has(owner('s-1'))]).toEqual([true, true]);
  });

  it('let its file grow until the restart', async () => {
    const list = open();
    await list.add({ ...owner('s-0'), expiresAt: 90_000 });
    let added: Promise<void>[] = [];
    for (let number = 1; number < 2500; number++) {
      now++;
      added.push(list.add({ ...owner(`s-${number}`), expiresAt: now + 100 }));
      if (added.length < 20) continue;
      await Promise.all(added);
      added = [];
    }
    await Promise.all(added);
    await list.close();
    expect(await lines()).toBeLessThan(1500);
    expect(list.size).toBeLessThan(1500);
    const after = open();
    expect([after.size, after.has(owner('s-0')), after.has(owner('s-2499'))]).toEqual([101, true, true]);
  });

  it('keeps what is revoked while the file is written anew', async () => {
    const list = open();
    const sessions = Array.from({ length: 2200 }, (_, number) => `s-${number}`);
    await Promise.all(sessions.map((session) => list.add({ ...owner(session), expiresAt: 90_000 })));
    await list.close();
    const after = open();
    expect(sessions.filter((session) => !after.has(owner(session)))).toEqual([]);
  });
});
