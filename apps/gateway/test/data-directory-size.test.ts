import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { directorySize } from '../src/data-directory-size.ts';

describe('directorySize', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'playhead-size-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('adds up the files of all folders', async () => {
    mkdirSync(path.join(directory, 'a', 'b'), { recursive: true });
    writeFileSync(path.join(directory, 'one'), 'x'.repeat(10));
    writeFileSync(path.join(directory, 'a', 'b', 'two'), 'x'.repeat(32));
    expect(await directorySize(directory, { maxAgeMs: 1000, now: () => 0 })()).toBe(42);
  });

  it('walks again only when the last answer is old enough', async () => {
    let now = 0;
    const size = directorySize(directory, { maxAgeMs: 1000, now: () => now });
    expect(await size()).toBe(0);
    writeFileSync(path.join(directory, 'one'), 'x');
    now = 999;
    expect(await size()).toBe(0);
    now = 1000;
    expect(await size()).toBe(1);
  });

  it('says undefined where there is no such directory', async () => {
    expect(await directorySize(path.join(directory, 'none'), { maxAgeMs: 1000, now: () => 0 })()).toBeUndefined();
  });
});
