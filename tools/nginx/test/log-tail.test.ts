import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile, mkdtemp, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { followLog } from '../src/log-tail.ts';

describe('followLog', () => {
  let directory: string;
  let path: string;
  let lines: string[];
  let stopping: AbortController;
  let following: Promise<void>;
  const begin = (from: 'start' | 'end') => {
    following = followLog({ path, from, pollMs: 1, onLine: (line) => void lines.push(line), signal: stopping.signal });
  };
  const until = async (count: number) => {
    while (lines.length < count) await new Promise(setImmediate);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-tail-'));
    path = join(directory, 'access.log');
    lines = [];
    stopping = new AbortController();
  });
  afterEach(async () => {
    stopping.abort();
    await following;
    await rm(directory, { recursive: true });
  });

  it('gives whole lines as they come, also those of a file that is made later', async () => {
    begin('start');
    await writeFile(path, 'one\ntw');
    await until(1);
    await appendFile(path, 'o\nthree\n');
    await until(3);
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('leaves out what was there when only new lines are wanted', async () => {
    await writeFile(path, 'old\n');
    begin('end');
    let number = 0;
    while (lines.length === 0) {
      await appendFile(path, `new ${number++}\n`);
      await new Promise(setImmediate);
    }
    expect(lines[0]).toMatch(/^new /);
  });

  it('goes on in the next file when the log is rotated', async () => {
    await writeFile(path, 'one\n');
    begin('start');
    await until(1);
    await rename(path, `${path}.1`);
    await writeFile(path, 'two\n');
    await until(2);
    expect(lines).toEqual(['one', 'two']);
  });

  it('lost lines that were written between its last look and the rotation', async () => {
    await writeFile(path, 'one\n');
    const probe = await open(path);
    const prototype = Object.getPrototypeOf(probe) as Pick<FileHandle, 'stat'>;
    await probe.close();
    const look = prototype.stat;
    // Whether the log was rotated is asked after a read that found nothing.
    const looking = jest.spyOn(prototype, 'stat').mockImplementationOnce(function (this: FileHandle) {
      appendFileSync(path, 'two\n');
      renameSync(path, `${path}.1`);
      writeFileSync(path, 'three\n');
      return look.call(this);
    });
    begin('start');
    while (!lines.includes('three')) await new Promise(setImmediate);
    looking.mockRestore();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('lost lines that were written to the old file while the new one was there and empty', async () => {
    await writeFile(path, 'one\n');
    begin('start');
    await until(1);
    await rename(path, `${path}.1`);
    await writeFile(path, '');
    await sleep(50);
    await appendFile(`${path}.1`, 'two\n');
    await appendFile(path, 'three\n');
    while (!lines.includes('three')) await new Promise(setImmediate);
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('begins anew when the log is cut', async () => {
    await writeFile(path, 'a longer line\n');
    begin('start');
    await until(1);
    await truncate(path, 0);
    await appendFile(path, 'two\n');
    await until(2);
    expect(lines).toEqual(['a longer line', 'two']);
  });

  it('leaves out a line that is too long, and reads on', async () => {
    await writeFile(path, `${'x'.repeat(200_000)}\nok\n`);
    begin('start');
    await until(1);
    expect(lines.at(-1)).toBe('ok');
  });

  it.each([64 * 1024, 128 * 1024])(
    'read the tail of a line of %d bytes, which is too long, as a line',
    async (bytes) => {
      await writeFile(path, `${'x'.repeat(bytes)}\nok\n`);
      begin('start');
      await until(1);
      expect(lines).toEqual(['ok']);
    },
  );
});
