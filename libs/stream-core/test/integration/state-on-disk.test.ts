import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { afterAll, beforeAll } from '@jest/globals';
import type { StreamsConfig } from '@playhead/stream-core';
import { EXACTLY_ONCE, familiesSuite, WITH_RESTART } from './families-suite.ts';
import { queriesSuite } from './queries-suite.ts';

let broker: TestBroker;
const path = mkdtempSync(join(tmpdir(), 'state-'));

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(async () => {
  await broker.close();
  rmSync(path, { recursive: true, force: true });
});

/** Nothing that is committed stays in memory. */
const inLmdb = (instance: number): Partial<StreamsConfig> => ({
  state: { lmdb: { stateDir: join(path, `${instance}`), cacheBytes: 0 } },
});

familiesSuite(
  'the embedded broker with state on disk',
  () => [broker.address],
  [WITH_RESTART, EXACTLY_ONCE].map((run) => ({ ...run, config: { ...run.config, ...inLmdb(0) }, countsRoughly: true })),
);
queriesSuite('the embedded broker with state on disk', () => [broker.address], inLmdb);
