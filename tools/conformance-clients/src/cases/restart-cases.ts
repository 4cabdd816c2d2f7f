import assert from 'node:assert/strict';
import { waitUntil } from '../wait-until.ts';
import type { ConformanceCase } from './conformance-case.ts';

const RECORDS_A_STEP = 1000;
const PACE_MS = 1;
const RESTARTS = 2;

/** A producer and a member of a group go on over restarts of the broker: nothing is lost, doubled or out of order. */
export const goesOnOverRestarts: ConformanceCase = {
  capability: 'restart of the broker',
  name: 'goes-on-over-restarts',
  kind: 'client',
  needs: ['send', 'read', 'join'],
  restartsBroker: true,
  async run({ open, own, unique, duringRestarts }) {
    const topic = unique('restarted');
    await own.createTopic(topic);
    const [producer, member, reader] = [open(), open(), open()];
    const values: string[] = [];
    await member.call('join', { group: unique('group'), topic });
    const send = async (count: number): Promise<void> => {
      const more = Array.from({ length: count }, (_, i) => `${values.length + i}`);
      await producer.call('send', { topic, partition: 0, values: more, paceMs: PACE_MS });
      values.push(...more);
    };
    // A client that has not been connected yet may give up on a broker that is away.
    await send(1);
    await duringRestarts(RESTARTS, () => send(RECORDS_A_STEP));
    const received = new Set<string>();
    const poll = async (): Promise<number> => {
      const { records } = await member.call('poll', { forMs: 200 });
      for (const { value } of records) received.add(value);
      return received.size;
    };
    await waitUntil(`${values.length} records at the member`, poll, (count) => count === values.length);
    const read = await reader.call('read', { topic, partition: 0, isolation: 'read_committed' });
    assert.deepEqual(
      read.map(({ value }) => value),
      values,
      'what is in the log after the restarts',
    );
  },
};
