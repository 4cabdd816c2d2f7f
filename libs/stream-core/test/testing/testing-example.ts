import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const starts = { name: 'starts', key: serdes.string, value: serdes.long };

// Starts per title: plays are keyed by session, so they go through a repartition topic.
const builder = new StreamsBuilder();
builder
  .stream(plays)
  .groupBy((title) => title, { name: 'by-title', key: serdes.string })
  .count({ storeName: 'starts' })
  .toStream()
  .to(starts);
const topology = builder.build();

/** The table at the end, when every task crashes after the nth record; 0: none does. */
function startsWithCrashAfter(afterRecords: number, guarantee: 'at_least_once' | 'exactly_once'): string {
  const driver = new TopologyTestDriver(topology, {
    partitions: 2,
    guarantee,
    commitInterval: { records: 3 },
    seed: 1,
    faults: afterRecords === 0 ? [] : [{ afterRecords, kind: 'crash' }],
  });
  const input = driver.createInputTopic(plays);
  for (const [session, title] of ['alpha', 'beta', 'alpha', 'alpha', 'beta'].entries()) {
    input.pipeInput(title, `s-${session}`, session);
  }
  driver.commit();
  const table = driver.createOutputTopic(starts).readKeyValuesToMap();
  driver.close();
  return `alpha ${table.get('alpha')}, beta ${table.get('beta')}`;
}

// Five plays and what they lead to behind the repartition topic: ten records to crash after.
const points = Array.from({ length: 11 }, (_, afterRecords) => afterRecords);
export const exactlyOnce = new Set(points.map((point) => startsWithCrashAfter(point, 'exactly_once')));
export const atLeastOnce = new Set(points.map((point) => startsWithCrashAfter(point, 'at_least_once')));
