import assert from 'node:assert/strict';
import type { ClientDriver, Polled, ReadRecord } from '../drivers/client-driver.ts';
import { waitUntil } from '../wait-until.ts';
import type { ConformanceCase } from './conformance-case.ts';

const PARTITIONS = 6;
const RECORDS = 60;
const POLL_MS = 200;

/** Polls all members until each has so many partitions and so many records have come in all. */
async function pollUntil(
  members: readonly ClientDriver[],
  received: ReadRecord[],
  expected: { readonly partitionsEach: number; readonly records: number },
): Promise<void> {
  const pollAll = async (): Promise<readonly Polled[]> => {
    const polled = await Promise.all(members.map((member) => member.call('poll', { forMs: POLL_MS })));
    received.push(...polled.flatMap(({ records }) => records));
    return polled;
  };
  const shares = (polled: readonly Polled[]): number[] => polled.map(({ assignment }) => assignment.length);
  await waitUntil(
    `${members.length} members with ${expected.partitionsEach} partitions each and ${expected.records} records`,
    async () => ({ shares: shares(await pollAll()), records: received.length }),
    ({ shares: sizes, records }) =>
      records >= expected.records && sizes.every((size) => size === expected.partitionsEach),
  );
}

/** Three members share, one leaves, two go on: every record is delivered once. */
export const threeShareAndOneLeaves: ConformanceCase = {
  capability: 'group of three, one leaves',
  name: 'three-share-and-one-leaves',
  kind: 'client',
  needs: ['join', 'poll', 'leave'],
  async run({ open, own, unique }) {
    const topic = unique('shared');
    const group = unique('group');
    await own.createTopic(topic, PARTITIONS);
    // Without an offset a member asks where a partition begins. librdkafka 2.15 asks again half a second after it has given the partition up while the
    // answer was under way, and then delivers all of it once more, whatever has been committed (rd_kafka_toppar_handle_Offset).
    await own.commitBeginning(group, topic, PARTITIONS);
    const members = [open(), open(), open()];
    await Promise.all(members.map((member) => member.call('join', { group, topic })));
    const received: ReadRecord[] = [];
    await pollUntil(members, received, { partitionsEach: 2, records: 0 });
    const first = Array.from({ length: RECORDS }, (_, i) => `first ${i}`);
    await own.send(topic, first, PARTITIONS);
    await pollUntil(members, received, { partitionsEach: 2, records: RECORDS });
    const [leaving, ...staying] = members;
    await leaving!.call('leave', {});
    await pollUntil(staying, received, { partitionsEach: 3, records: RECORDS });
    const second = Array.from({ length: RECORDS }, (_, i) => `second ${i}`);
    await own.send(topic, second, PARTITIONS);
    await pollUntil(staying, received, { partitionsEach: 3, records: 2 * RECORDS });
    assert.deepEqual(
      received.map(({ value }) => value).sort(),
      [...first, ...second].sort(),
      'what the members received in all',
    );
    await Promise.all(staying.map((member) => member.call('leave', {})));
  },
};
