import assert from 'node:assert/strict';
import type { ConformanceCase } from './conformance-case.ts';

const RECORDS = 50;
const STEP_MS = 1000;

/** The first record that is not older than a time, also between two, before the first and after the last. */
export const findsAndReadsFromATime: ConformanceCase = {
  capability: 'seek by time',
  name: 'finds-and-reads-from-a-time',
  kind: 'client',
  needs: ['offsetForTime', 'read'],
  async run({ open, own, unique }) {
    const topic = unique('timed');
    await own.createTopic(topic);
    const start = Date.now() - RECORDS * STEP_MS;
    const times = Array.from({ length: RECORDS }, (_, i) => start + i * STEP_MS);
    // One batch a record: within a compressed or large batch brokers may answer for the batch.
    for (const [i, time] of times.entries()) await own.send(topic, [`at ${i}`], 1, [time]);
    const driver = open();
    for (const [time, expected] of [
      [start - 10, 0],
      [start + 20 * STEP_MS, 20],
      [start + 20 * STEP_MS + 1, 21],
      [start + (RECORDS - 1) * STEP_MS, RECORDS - 1],
    ] as const) {
      const offset = await driver.call('offsetForTime', { topic, partition: 0, time });
      assert.equal(offset, expected, `offset for ${time - start} ms after the first record`);
      const [first] = await driver.call('read', { topic, partition: 0, isolation: 'read_committed', from: offset });
      assert.equal(first?.value, `at ${expected}`);
    }
    const none = await driver.call('offsetForTime', { topic, partition: 0, time: start + RECORDS * STEP_MS });
    assert.equal(none, -1, 'offset for a time after the last record');
  },
};
