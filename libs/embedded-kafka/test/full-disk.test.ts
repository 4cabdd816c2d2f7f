import { afterAll, afterEach, expect, test } from '@jest/globals';
import { ErrorCode, offsetCommitApi, offsetFetchApi } from '@playhead/kafka-protocol';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestBroker, type TestBroker } from '../src/testing.ts';
import { makeBatch, readValues } from './support/batches.ts';
import { RawClient } from './support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from './support/requests.ts';
import { until } from './support/until.ts';

const DISK_MIB = 8;
const directory = mkdtempSync(join(tmpdir(), 'playhead-disk-'));
const isMounted = mount();
const onSmallDisk = isMounted ? test : test.skip;

/** A small disk of its own. Only root may do that, and not everywhere. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', directory], { stdio: 'pipe' });
    return true;
  } catch (error) {
    process.stdout.write(`skipped: a full disk of ${DISK_MIB} MiB (no tmpfs can be mounted: ${String(error)})\n`);
    return false;
  }
}

let broker: TestBroker;
let client: RawClient;

afterEach(async () => {
  client.socket.destroy();
  await broker.close();
  rmSync(join(directory, 'data'), { recursive: true, force: true });
});

afterAll(() => {
  if (isMounted) execFileSync('umount', [directory]);
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<void> {
  broker = await startTestBroker({ dataDir: join(directory, 'data') });
  client = await RawClient.connect(broker.port);
}

const PRODUCER = { producerId: 4000, producerEpoch: 0 };
const valueOf = (sequence: number): string => `${sequence}`.padEnd(100_000, '.');
const batchOf = (sequence: number): Buffer => makeBatch([valueOf(sequence)], { ...PRODUCER, baseSequence: sequence });

/** Writes batches until the disk is full; answers how many were acknowledged. */
async function fill(topic: string, from = 0): Promise<number> {
  for (let sequence = from; ; sequence++) {
    const { errorCode, errorMessage } = await produceOne(client, topic, batchOf(sequence));
    if (errorCode === ErrorCode.NONE) continue;
    expect([errorCode, errorMessage]).toEqual([ErrorCode.KAFKA_STORAGE_ERROR, expect.stringContaining('ENOSPC')]);
    return sequence;
  }
}

/** The sequence numbers of all values in a topic, read from its start. */
async function stored(topic: string): Promise<number[]> {
  const found: number[] = [];
  const end = await listOffset(client, topic, -1);
  for (let offset = await listOffset(client, topic, -2); offset < end;) {
    const { records } = await fetchOne(client, topic, offset);
    for (const value of readValues(records)) found.push(Number.parseInt(value.slice(value.indexOf(':') + 1), 10));
    offset = (found.at(-1) ?? -1) + 1;
  }
  return found;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

onSmallDisk(
  'a full disk refuses, keeps what it acknowledged, serves readers, and goes on when there is room',
  async () => {
    await start();
    await createTopic(client, 'full', 1, { 'segment.bytes': '1000000' });
    const ballast = join(directory, 'ballast');
    writeFileSync(ballast, Buffer.alloc(2 * 1024 * 1024));
    const acknowledged = await fill('full');
    expect(acknowledged).toBeGreaterThan(10);
    expect((await produceOne(client, 'full', batchOf(acknowledged))).errorCode).toBe(ErrorCode.KAFKA_STORAGE_ERROR);
    await expect(stored('full')).resolves.toEqual(upTo(acknowledged));
    // The same after a restart with the disk still full.
    client.socket.destroy();
    await broker.restart();
    client = await RawClient.connect(broker.port);
    await expect(stored('full')).resolves.toEqual(upTo(acknowledged));
    rmSync(ballast);
    // The producer's retry is no duplicate, because it was never written.
    await expect(produceOne(client, 'full', batchOf(acknowledged))).resolves.toMatchObject({ errorCode: 0 });
    const more = await fill('full', acknowledged + 1);
    expect(more).toBeGreaterThan(acknowledged + 10);
    await expect(stored('full')).resolves.toEqual(upTo(more));
  },
);

onSmallDisk('retention makes room on a disk that has none', async () => {
  await start();
  await createTopic(client, 'short', 1, { 'segment.bytes': '500000', 'retention.bytes': '1000000' });
  const acknowledged = await fill('short');
  await broker.maintain();
  expect(await listOffset(client, 'short', -2)).toBeGreaterThan(acknowledged / 2);
  // Files go in the background; until they have, there is no room yet.
  await until(async () => (await produceOne(client, 'short', batchOf(acknowledged))).errorCode === 0);
  const [first = -1] = await stored('short');
  await expect(stored('short')).resolves.toEqual(upTo(acknowledged + 1).slice(first));
});

onSmallDisk('an offset that cannot be stored is not acknowledged, and the one before it stays', async () => {
  await start();
  await createTopic(client, 'full', 1);
  const commit = async (committedOffset: number, committedMetadata = ''): Promise<number | undefined> => {
    const { topics } = await client.send(offsetCommitApi, 7, {
      groupId: 'readers',
      topics: [{ name: 'full', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata }] }],
    });
    return topics[0]?.partitions[0]?.errorCode;
  };
  expect(await commit(1)).toBe(ErrorCode.NONE);
  await fill('full');
  // What is left of the last block has room for some.
  let last = 1;
  let errorCode: number | undefined = ErrorCode.NONE;
  for (let offset = 2; errorCode === ErrorCode.NONE && offset < 10_000; offset++) {
    errorCode = await commit(offset, 'm'.repeat(4000));
    if (errorCode === ErrorCode.NONE) last = offset;
  }
  expect(errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  const { topics } = await client.send(offsetFetchApi, 5, {
    groupId: 'readers',
    topics: [{ name: 'full', partitionIndexes: [0] }],
  });
  expect(topics[0]?.partitions[0]?.committedOffset).toBe(last);
});
