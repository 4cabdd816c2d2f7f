import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ErrorCode, fetchApi, initProducerIdApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { readValues } from '../support/batches.ts';
import { BrokerChild } from '../support/broker-child.ts';
import { committedIn } from '../support/committed.ts';
import { RawClient } from '../support/raw-client.ts';
import { createTopic, fetchOne, listOffset } from '../support/requests.ts';
import { TemporaryDirectories } from '../support/temporary-directory.ts';
import { stableOffset, Transactor } from '../support/transactions.ts';
import { until } from '../support/until.ts';

// Processes take their time on a busy machine.
jest.setTimeout(120_000);

const { NONE, UNSTABLE_OFFSET_COMMIT } = ErrorCode;
const COMMITTED = { isolationLevel: 1 };
const directories = new TemporaryDirectories();
const children: BrokerChild[] = [];

afterAll(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exited));
  directories.removeAll();
});

/** What a consumer of committed records reads from partition 0, and the last stable offset. */
async function readCommitted(
  client: RawClient,
  topic: string,
): Promise<{ values: string[]; lastStableOffset: number }> {
  const values: string[] = [];
  for (let offset = await listOffset(client, topic, -2); ;) {
    const { errorCode, records, abortedTransactions, lastStableOffset } = await fetchOne(
      client,
      topic,
      offset,
      COMMITTED,
    );
    if (errorCode !== NONE) throw new Error(`fetch at ${offset}: error ${errorCode}`);
    if (records === null || records.length === 0) return { values, lastStableOffset };
    values.push(...committedIn(records, abortedTransactions ?? [], offset));
    offset = lastOffsetOf(records) + 1;
  }
}

function lastOffsetOf(records: Buffer): number {
  return Math.max(...readValues(records).map((value) => Number(value.split(':')[0])));
}

describe('a broker that is stopped and started', () => {
  let broker: TestBroker;
  let client: RawClient;

  const restart = async (): Promise<void> => {
    await client.close();
    await broker.restart();
    client = await RawClient.connect(broker.port);
  };

  beforeEach(async () => {
    broker = await startTestBroker();
    client = await RawClient.connect(broker.port);
    await createTopic(client, 'beats');
  });

  afterEach(async () => {
    await client.close();
    await broker.close();
  });

  test('still has the transaction open, its offsets pending and its epochs in force', async () => {
    const zombie = new Transactor(client, 'beats', 'a');
    await zombie.init();
    const producer = new Transactor(client, 'beats', 'a');
    await producer.init();
    expect([await producer.add(), await producer.addOffsets('g')]).toEqual([NONE, NONE]);
    expect([await producer.produce(['x']), await producer.commitOffset('g', 5)]).toEqual([NONE, NONE]);
    const retry = producer.batch(['x'], 0);
    await restart();
    const again = Object.assign(new Transactor(client, 'beats', 'a'), { identity: producer.identity, sequence: 1 });
    const late = Object.assign(new Transactor(client, 'beats', 'a'), { identity: zombie.identity });
    expect(await readCommitted(client, 'beats')).toEqual({ values: [], lastStableOffset: 0 });
    expect(await stableOffset(client, 'g', 'beats')).toEqual([UNSTABLE_OFFSET_COMMIT, -1]);
    expect(await late.add()).toBe(ErrorCode.PRODUCER_FENCED);
    expect(await late.produce(['late'])).toBe(ErrorCode.INVALID_PRODUCER_EPOCH);
    expect(await again.send(retry)).toEqual({ errorCode: NONE, baseOffset: 0 });
    expect(await again.produce(['y'])).toBe(NONE);
    expect(await again.end(true)).toBe(NONE);
    expect(await readCommitted(client, 'beats')).toEqual({ values: ['0:x', '1:y'], lastStableOffset: 3 });
    expect(await stableOffset(client, 'g', 'beats')).toEqual([NONE, 5]);
  });

  test('still knows what was aborted, and that the producer goes on with its sequence', async () => {
    const producer = new Transactor(client, 'beats', 'a');
    await producer.init();
    await producer.add();
    await producer.produce(['gone']);
    expect(await producer.end(false)).toBe(NONE);
    await restart();
    const again = Object.assign(new Transactor(client, 'beats', 'a'), { identity: producer.identity, sequence: 1 });
    expect(await again.end(false)).toBe(NONE);
    expect(await again.end(true)).toBe(ErrorCode.INVALID_TXN_STATE);
    await again.add();
    const gap = await again.send(again.batch(['x'], 2));
    expect(gap.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(await again.produce(['kept'])).toBe(NONE);
    expect(await again.end(true)).toBe(NONE);
    expect((await readCommitted(client, 'beats')).values).toEqual(['2:kept']);
  });

  test('aborts what has timed out meanwhile', async () => {
    const producer = new Transactor(client, 'beats', 'a');
    await producer.init(1);
    await producer.add();
    await producer.produce(['x']);
    await restart();
    await until(async () => (await readCommitted(client, 'beats')).lastStableOffset > 0);
    expect((await readCommitted(client, 'beats')).values).toEqual([]);
  });

  test('never gives a producer id twice, whoever it was for', async () => {
    const ids = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const producer = new Transactor(client, 'beats', `tx-${round}`);
      await producer.init();
      ids.add(producer.identity.producerId);
      const request = { transactionalId: null, transactionTimeoutMs: 0 };
      ids.add((await client.send(initProducerIdApi, 4, request)).producerId);
      await restart();
    }
    expect(ids.size).toBe(6);
  });
});

describe('Fetch of committed records', () => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await startTestBroker();
    client = await RawClient.connect(broker.port);
  });

  afterEach(async () => {
    await client.close();
    await broker.close();
  });

  test('waits at the last stable offset although the log goes on in later segments', async () => {
    await createTopic(client, 'small', 1, { 'segment.bytes': '200' });
    const producer = new Transactor(client, 'small', 'a');
    await producer.init();
    await producer.add();
    for (let i = 0; i < 6; i++) expect(await producer.produce([`v${i}`.padEnd(100, '.')])).toBe(NONE);
    const other = await RawClient.connect(broker.port);
    const parked = fetchOne(other, 'small', 0, { ...COMMITTED, maxWaitMs: 30_000 });
    await until(() => broker.control.requestCount(fetchApi.key) > 0);
    expect(await producer.end(true)).toBe(NONE);
    const { records, lastStableOffset } = await parked;
    expect(lastStableOffset).toBe(7);
    expect(readValues(records).length).toBeGreaterThan(0);
    await other.close();
  });
});

describe('kill -9', () => {
  const start = async (dataDir: string): Promise<{ child: BrokerChild; client: RawClient }> => {
    const child = new BrokerChild(dataDir);
    children.push(child);
    return { child, client: await RawClient.connect((await child.ready()).port) };
  };

  test('at any moment of a stream of transactions leaves each of them whole or not at all, with its offset', async () => {
    const dataDir = directories.make();
    let { child, client } = await start(dataDir);
    await createTopic(client, 'out', 1, { 'segment.bytes': '20000' });
    // Transaction n writes n twice and commits offset n + 1; every third is aborted and done again.
    let next = 0;
    for (let round = 0; round < 6; round++) {
      const producer = new Transactor(client, 'out', 'job');
      expect(await producer.init()).toBe(NONE);
      const [, committed] = await stableOffset(client, 'g', 'out');
      expect(committed === next || committed === next + 1 || (committed === -1 && next <= 1)).toBe(true);
      next = Math.max(0, committed);
      const killAfter = 3 + 5 * round;
      const died = (async () => {
        for (let i = 0; ; i++) {
          // Not awaited one by one: the kill meets requests under way.
          const steps = [
            producer.add(),
            producer.addOffsets('g'),
            producer.send(producer.batch([`${next}`])),
            producer.send(producer.batch([`${next}`], producer.sequence + 1)),
            producer.commitOffset('g', next + 1),
            producer.end(i % 3 !== 2),
          ];
          if (i === killAfter) setTimeout(() => child.process.kill('SIGKILL'), round % 3);
          const codes = (await Promise.all(steps)).map((step) => (typeof step === 'number' ? step : step.errorCode));
          expect(codes).toEqual([NONE, NONE, NONE, NONE, NONE, NONE]);
          producer.sequence += 2;
          if (i % 3 !== 2) next++;
        }
      })();
      await expect(died).rejects.toThrow('closed');
      await child.exited;
      ({ child, client } = await start(dataDir));
    }
    const last = new Transactor(client, 'out', 'job');
    expect(await last.init()).toBe(NONE);
    const { values, lastStableOffset } = await readCommitted(client, 'out');
    const [errorCode, committed] = await stableOffset(client, 'g', 'out');
    expect(errorCode).toBe(NONE);
    expect([next, next + 1]).toContain(committed);
    const numbers = values.map((value) => Number(value.split(':')[1]));
    expect(numbers).toEqual(Array.from({ length: 2 * committed }, (_, i) => Math.floor(i / 2)));
    expect(lastStableOffset).toBe(await listOffset(client, 'out', -1));
    await client.close();
  });
});
