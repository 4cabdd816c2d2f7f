import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  apis,
  BatchOffset,
  crc32c,
  encodeRequest,
  fetchApi,
  joinGroupApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  produceApi,
} from '@playhead/kafka-protocol';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startTestBroker, type TestBroker } from '../src/testing.ts';
import { makeBatch, readValues } from './support/batches.ts';
import { RawClient } from './support/raw-client.ts';
import { createTopic, fetchOne, fetchRequest, listOffset, produceOne, produceRequest } from './support/requests.ts';

const FRAMES = 3000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const MEMORY_ALLOWANCE_BYTES = 40 * 1024 * 1024;

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker({ autoCreateTopics: false });
});

afterAll(() => broker.close());

/** A small generator with a seed (mulberry32): answers 0 to `below` − 1. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Bytes that are reachable now, in the heap and outside it. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Good frames to start from. */
function seeds(): Buffer[] {
  const envelope = { correlationId: 1, clientId: 'fuzz' };
  const batch = makeBatch([{ key: 'k', value: 'value' }, 'another'], {
    producerId: 3,
    producerEpoch: 0,
    baseSequence: 0,
  });
  return [
    encodeRequest(produceApi, 7, envelope, produceRequest('target', batch)),
    encodeRequest(produceApi, 8, envelope, produceRequest('target', makeBatch(['v'], { compression: 'gzip' }))),
    encodeRequest(fetchApi, 11, envelope, fetchRequest('target', 0)),
    encodeRequest(metadataApi, 8, envelope, { topics: [{ name: 'target' }] }),
    encodeRequest(listOffsetsApi, 5, envelope, {
      topics: [{ name: 'target', partitions: [{ partitionIndex: 0, timestamp: 5 }] }],
    }),
    encodeRequest(joinGroupApi, 5, envelope, {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 100,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'p', metadata: Buffer.from('m') }],
    }),
    encodeRequest(offsetCommitApi, 7, envelope, {
      groupId: 'g',
      topics: [{ name: 'target', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }],
    }),
  ].map((chunks) => Buffer.concat(chunks));
}

type Mutation = (frame: Buffer, random: (below: number) => number) => Buffer;

const HOSTILE = [-1, 0x7fffffff, -0x80000000, 1_000_001, 0, 255];

const mutations: readonly Mutation[] = [
  // Cut, with the size put right, so that the broker does not just wait for the rest.
  (frame, random) => resized(frame.subarray(0, 4 + random(frame.length - 4))),
  // Bytes changed.
  (frame, random) => {
    for (let i = 0; i <= random(4); i++) frame[4 + random(frame.length - 4)] = random(256);
    return frame;
  },
  // A hostile count or length anywhere.
  (frame, random) => {
    frame.writeInt32BE(HOSTILE[random(HOSTILE.length)] ?? 0, 4 + random(Math.max(1, frame.length - 8)));
    return frame;
  },
  // A body for another API or version.
  (frame, random) => {
    frame.writeInt16BE(apis[random(apis.length)]?.key ?? 0, 4);
    frame.writeInt16BE(random(13), 6);
    return frame;
  },
  // Noise.
  (_frame, random) => resized(Buffer.from(Array.from({ length: 4 + random(200) }, () => random(256)))),
  // A frame that lies about its size.
  (frame, random) => {
    frame.writeInt32BE(random(2) === 0 ? frame.length + random(1_000_000) : random(frame.length), 0);
    return frame;
  },
];

function resized(frame: Buffer): Buffer {
  const copy = Buffer.from(frame.length < 4 ? Buffer.alloc(4) : frame);
  copy.writeInt32BE(copy.length - 4, 0);
  return copy;
}

test(`${FRAMES} malformed frames neither end the broker nor harm another connection nor its data`, async () => {
  process.stderr.write(`fuzz seed ${SEED} (set FUZZ_SEED to repeat)\n`);
  const random = randomFrom(SEED);
  const steady = await RawClient.connect(broker.port);
  await createTopic(steady, 'target');
  await createTopic(steady, 'steady');
  const good = seeds();
  const memoryBefore = memoryInUse();
  let steadyRecords = 0;
  for (let sent = 0; sent < FRAMES; sent++) {
    // A connection each, because the first frame that is refused ends its connection and those behind it would not be read.
    const attacker = await RawClient.connect(broker.port);
    const mutation = mutations[random(mutations.length)] as Mutation;
    attacker.socket.end(mutation(Buffer.from(good[random(good.length)] as Buffer), random));
    await attacker.closed;
    if (sent % 10 !== 0) continue;
    const { errorCode, baseOffset } = await produceOne(steady, 'steady', makeBatch([`v${steadyRecords}`]));
    expect([errorCode, baseOffset]).toEqual([0, steadyRecords]);
    steadyRecords++;
  }
  // Many were harmless enough to be handled: the mutations reach beyond the decoder.
  const handled = apis.reduce((sum, { key }) => sum + broker.control.requestCount(key), 0) - steadyRecords;
  expect(handled).toBeGreaterThan(FRAMES / 20);
  expect(handled).toBeLessThan(FRAMES);
  expect(memoryInUse() - memoryBefore).toBeLessThan(MEMORY_ALLOWANCE_BYTES);
  await broker.restart();
  const after = await RawClient.connect(broker.port);
  await expect(listOffset(after, 'steady', -1)).resolves.toBe(steadyRecords);
  expect(readValues((await fetchOne(after, 'steady', 0)).records)).toHaveLength(steadyRecords);
  await after.close();
}, 120_000);

test('a batch with random bytes and a right checksum is refused or stored whole, and never makes the log unreadable', async () => {
  const random = randomFrom(SEED + 1);
  const client = await RawClient.connect(broker.port);
  await createTopic(client, 'batches');
  let stored = 0;
  for (let i = 0; i < 1000; i++) {
    const batch = makeBatch([{ key: 'k', value: 'value' }, 'another']);
    for (let change = 0; change <= random(3); change++) batch[random(batch.length)] = random(256);
    batch.writeUInt32BE(crc32c(batch, BatchOffset.ATTRIBUTES, batch.length), BatchOffset.CRC);
    const { errorCode } = await produceOne(client, 'batches', batch);
    if (errorCode === 0) stored++;
  }
  const good = await produceOne(client, 'batches', makeBatch(['good']));
  expect(good.errorCode).toBe(0);
  expect(stored).toBeGreaterThan(0);
  await broker.restart();
  const after = await RawClient.connect(broker.port);
  await expect(listOffset(after, 'batches', -1)).resolves.toBe(good.baseOffset + 1);
  expect(readValues((await fetchOne(after, 'batches', good.baseOffset)).records)).toEqual([`${good.baseOffset}:good`]);
  await Promise.all([client.close(), after.close()]);
}, 120_000);
