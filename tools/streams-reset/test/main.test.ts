import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { KafkaStreams, serdes, StreamsBuilder } from '@playhead/stream-core';
import { KafkaClient, RecordProducer } from '@playhead/stream-core/client';

// Starts processes, on a machine that may run every other test too.
jest.setTimeout(60_000);

const MAIN = join(import.meta.dirname, '../src/main.ts');
let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
});
const stateDir = mkdtempSync(join(tmpdir(), 'playhead-reset-'));
afterAll(async () => {
  await broker.close();
  rmSync(stateDir, { recursive: true });
});

const run = (...args: readonly string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [MAIN, '--brokers', broker.address, ...args], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });

/** Counts three records of the topic `plays`, and stops. */
async function countPlays(applicationId: string, stateDir: string): Promise<void> {
  const kafka = { brokers: [broker.address], clientId: applicationId };
  const client = new KafkaClient(kafka);
  await client.createTopics([{ topic: 'plays', partitions: 1 }]);
  const producer = new RecordProducer(client);
  for (const key of ['a', 'b', 'a']) {
    await producer.send({ topic: 'plays', partition: 0, key: Buffer.from(key), value: Buffer.from('x') });
  }
  await producer.close();
  const builder = new StreamsBuilder();
  builder.stream('plays', { key: serdes.string, value: serdes.string }).groupByKey().count({ storeName: 'counts' });
  const streams = new KafkaStreams(builder.build(), { applicationId, kafka, state: { lmdb: { stateDir } } });
  await streams.start();
  await streams.caughtUp();
  await streams.close();
  await client.close();
}

test('a dry run says what a reset does, a second reset finds the topics gone', async () => {
  await countPlays('counting', stateDir);
  const lines = [
    '  input plays-0: 3 → 0',
    '  delete counting-counts-changelog',
    '  delete counting-topology',
    '  wipe the state of task 0_0',
    '',
  ];
  const state = ['--state-dir', stateDir];
  const dry = await run('--application-id', 'counting', ...state, '--dry-run');
  expect([dry.code, dry.err, dry.out]).toEqual([0, '', ['would reset counting:', ...lines].join('\n')]);
  const done = await run('--application-id', 'counting', ...state);
  expect([done.code, done.err, done.out]).toEqual([0, '', ['reset counting:', ...lines].join('\n')]);
  const again = await run('--application-id', 'counting', ...state);
  expect([again.code, again.out]).toEqual([0, 'reset counting:\n  input plays-0: 0 → 0\n']);
});

test('an application that nobody has heard of is refused in one line, an option that is wrong with code 2', async () => {
  const unknown = await run('--application-id', 'nobody');
  expect([unknown.code, unknown.out]).toEqual([1, '']);
  expect(unknown.err).toMatch(/^nothing is known of an application nobody.*\n$/);
  expect(await run('--application-id', 'nobody', '--by-duration', 'x')).toMatchObject({ code: 2 });
});
