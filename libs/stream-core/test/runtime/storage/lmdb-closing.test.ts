import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { serdes, stores } from '@playhead/stream-core';
import { LmdbBackend } from '../../../src/runtime/storage/lmdb/lmdb-backend.ts';
import { LmdbEnvironment } from '../../../src/runtime/storage/lmdb/lmdb-environment.ts';
import { silent } from '../runtime-fakes.ts';

const KEY = Buffer.from('a');
const EMPTY = Buffer.alloc(0);
/** More than a scan reads at a time. */
const ROWS = 1_000;
/** More microtasks than it takes to open a task, or to close one. */
const TICKS = 60;

/** Timers of lmdb-js that were set before, with the same delay, have fired when it resolves; what one of them throws fails the test. */
const timersHaveFired = (): Promise<void> => setTimeout(0);

describe('state that is being closed', () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

  test('and is read meanwhile refuses, where a timer of lmdb-js ended the process with "Attempt to reset an invalid read txn"', async () => {
    const environment = new LmdbEnvironment(stateDir);
    const table = environment.table('t');
    await environment.transaction(() => {
      for (const key of [KEY, EMPTY]) table.put(key, Buffer.from('x'));
      for (let i = 0; i < ROWS; i++) table.put(Buffer.from(`b${i}`), Buffer.from('x'));
    });
    // Something has been read before: lmdb-js has a transaction to end.
    const scan = table.scan();
    expect([table.get(KEY)?.toString(), scan.next().value.key]).toEqual(['x', EMPTY]);
    const closed = environment.close();
    for (const read of [
      () => table.get(KEY),
      () => table.get(EMPTY),
      () => table.firstKey(KEY),
      () => table.size,
      () => [...table.scan()],
      () => [...scan],
    ])
      expect(read).toThrow('table t is closed');
    for (const read of [() => environment.meta('m'), () => environment.table('t'), () => environment.table('new')])
      expect(read).toThrow(`state in ${stateDir} is closed`);
    await closed;
    await timersHaveFired();
  });

  test("at any moment of a task's beginning lets that come to its end", async () => {
    const codec = serdes.string.open({ topic: 'changelog', part: 'value' });
    const plans = ['s', 't', 'u'].map((name) => ({
      name,
      builder: stores.window({ name, key: serdes.string, value: serdes.string, windowSizeMs: 10, retentionMs: 100 }),
      changelogTopic: 'changelog',
      isSourceChangelog: false,
    }));
    const context = { applicationId: 'app', logger: silent, clock: () => 0 };
    const backend = new LmdbBackend({ stateDir }, context);
    await backend.open();
    let rows = 0;
    const ends: PromiseSettledResult<unknown>['status'][] = [];
    for (let ticks = 0; ticks < TICKS; ticks++) {
      for (const begins of ['ready', 'wipe'] as const) {
        const storage = backend.openTask('0_0');
        const opened = plans.map((plan) => storage.createStore(plan, { key: codec, value: codec }));
        if (begins === 'wipe') {
          await storage.ready();
          // The environment has been written: it is not closed at once.
          storage.seal();
          await storage.commit({ inputs: [], changelogs: {}, marker: 'm', follows: {}, atMs: 0 });
        }
        const begun = storage[begins]();
        for (let tick = 0; tick < ticks; tick++) {
          await Promise.resolve();
          // As metrics do at any time.
          for (const store of opened) rows += store?.approximateEntries ?? 0;
        }
        const [begin, close] = await Promise.allSettled([begun, storage.close()]);
        ends.push(begin.status, close.status);
      }
    }
    await timersHaveFired();
    await backend.close();
    expect(new Set(ends)).toEqual(new Set(['fulfilled']));
    expect(rows).toBe(0);
  });
});
