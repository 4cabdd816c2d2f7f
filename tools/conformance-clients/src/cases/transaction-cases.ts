import assert from 'node:assert/strict';
import { type ClientDriver, type Isolation, OperationError } from '../drivers/client-driver.ts';
import { waitUntil } from '../wait-until.ts';
import type { CaseContext, ConformanceCase } from './conformance-case.ts';

const OFFSET = 42;
/** More than a client that reads its input in blocks keeps back. */
const VALUES = Array.from({ length: 4000 }, (_, i) => `first ${i} ${'.'.repeat(40)}`);
const NEEDS = ['begin', 'send', 'commit', 'abort', 'read'] as const;

async function valuesIn(driver: ClientDriver, topic: string, isolation: Isolation): Promise<string[]> {
  const records = await driver.call('read', { topic, partition: 0, isolation });
  return records.map(({ value }) => value);
}

/** Markers are written after a commit or abort is answered, so that they may come a little later. */
async function expectCommitted(driver: ClientDriver, topic: string, expected: readonly string[]): Promise<void> {
  const read = () => valuesIn(driver, topic, 'read_committed');
  const values = await waitUntil(
    `${expected.length} committed records in ${topic}`,
    async () => ({ values: await read() }),
    (answer) => answer.values.length >= expected.length,
    15_000,
  );
  assert.deepEqual(values.values, expected, `committed records in ${topic}`);
}

interface Transaction {
  readonly driver: ClientDriver;
  readonly reader: ClientDriver;
  readonly topic: string;
  readonly group: string;
  readonly transactionalId: string;
}

/** A topic, and a process that began its first transaction: records and, where the client can, an offset. */
async function begun(context: CaseContext): Promise<Transaction> {
  const topic = context.unique('transactional');
  const group = context.unique('group');
  const transactionalId = context.unique('id');
  await context.own.createTopic(topic);
  const driver = context.open();
  const reader = context.open();
  await driver.call('begin', { transactionalId });
  await driver.call('send', { topic, partition: 0, transactionalId, values: VALUES });
  if (context.can('sendOffsets')) {
    await driver.call('sendOffsets', { transactionalId, group, topic, partition: 0, offset: OFFSET });
  }
  const uncommitted = () => valuesIn(reader, topic, 'read_uncommitted');
  await waitUntil('records of the open transaction', uncommitted, (values) => values.length > 0, 15_000);
  assert.deepEqual(await valuesIn(reader, topic, 'read_committed'), [], 'read_committed before the end');
  return { driver, reader, topic, group, transactionalId };
}

/** Records and offsets appear with the commit, and the next transaction of the same producer works. */
export const appearsWithItsCommit: ConformanceCase = {
  capability: 'transaction: commit',
  name: 'appears-with-its-commit',
  kind: 'client',
  needs: NEEDS,
  async run(context) {
    const { driver, reader, topic, group, transactionalId } = await begun(context);
    await driver.call('commit', { transactionalId });
    await expectCommitted(reader, topic, VALUES);
    if (context.can('sendOffsets')) {
      const committed = () => reader.call('committed', { group, topic, partition: 0 });
      await waitUntil('the offset to be committed', committed, (offset) => offset === OFFSET, 15_000);
    }
    await driver.call('begin', { transactionalId });
    await driver.call('send', { topic, partition: 0, transactionalId, values: ['c'] });
    await driver.call('commit', { transactionalId });
    await expectCommitted(reader, topic, [...VALUES, 'c']);
  },
};

/** Nothing of an aborted transaction is seen by who reads committed records. */
export const isGoneWithItsAbort: ConformanceCase = {
  capability: 'transaction: abort',
  name: 'is-gone-with-its-abort',
  kind: 'client',
  needs: NEEDS,
  async run(context) {
    const { driver, reader, topic, group, transactionalId } = await begun(context);
    await driver.call('abort', { transactionalId });
    await driver.call('begin', { transactionalId });
    await driver.call('send', { topic, partition: 0, transactionalId, values: ['c'] });
    await driver.call('commit', { transactionalId });
    await expectCommitted(reader, topic, ['c']);
    const uncommitted = await valuesIn(reader, topic, 'read_uncommitted');
    assert.deepEqual([uncommitted[0], uncommitted.at(-1)], [VALUES[0], 'c'], 'what is in the log all the same');
    if (context.can('sendOffsets')) {
      assert.equal(
        await reader.call('committed', { group, topic, partition: 0 }),
        -1,
        'the offset of what was aborted',
      );
    }
  },
};

/** A second producer with the same id ends what the first had open, and the first can commit no more. */
export const secondFencesTheFirst: ConformanceCase = {
  capability: 'transaction: fence',
  name: 'second-fences-the-first',
  kind: 'client',
  needs: NEEDS,
  async run(context) {
    const { driver, reader, topic, transactionalId } = await begun(context);
    const second = context.open();
    await second.call('begin', { transactionalId });
    await second.call('send', { topic, partition: 0, transactionalId, values: ['second'] });
    await second.call('commit', { transactionalId });
    await assert.rejects(
      driver.call('commit', { transactionalId }),
      (error) => {
        assert.ok(
          error instanceof OperationError && error.failure.fenced,
          `expected to be fenced, came: ${String(error)}`,
        );
        return true;
      },
      'the commit of a producer whose place was taken',
    );
    await expectCommitted(reader, topic, ['second']);
  },
};
