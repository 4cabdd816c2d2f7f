import { expect, test } from '@jest/globals';
import { StreamsBuilder, TimeWindows, deadLetterOnError, serdes } from '@playhead/stream-core';
import type { FailedRecord, Topology } from '@playhead/stream-core';
import { CacheBudget } from '../../../src/state/write-back-cache.ts';
import { batch, fetched, makeTask } from './task-fixture.ts';

const TEXT = { key: serdes.string, value: serdes.string };
const at = (timestamp: number, value = 'v') => ({ value, timestamp });

function closing(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream<string, string>('in', TEXT)
    .groupByKey()
    .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 }))
    .emitStrategy('ON_WINDOW_CLOSE')
    .count({ storeName: 'counts', retentionMs: 1000 })
    .toStream()
    .to('out');
  return builder.build();
}

test('what has been sent when windows closed is committed, so that it is not sent again by the next owner', () => {
  const first = makeTask(closing());
  first.task.initialize();
  first.task.addRecords(fetched('in', 0, 2, [batch(0, [at(1), at(12)])]));
  first.task.process(100);
  const committed = first.task.prepareCommit();
  expect(committed.map(({ metadata }) => metadata)).toEqual(['{"partitionTimeMs":12,"closedUpTo":{"counts":12}}']);
  const second = makeTask(closing());
  const [changelog] = second.task.changelogs;
  for (const { topic, key, value, timestamp } of first.log.records) {
    if (topic === changelog?.topic) second.task.restore(changelog, key as Buffer, value, timestamp);
  }
  second.task.initialize(committed);
  second.task.addRecords(fetched('in', 2, 3, [batch(2, [at(25)])]));
  second.task.process(100);
  const starts = second.log.records.filter(({ topic }) => topic === 'out').map(({ key }) => key?.readInt32BE(5));
  expect(starts).toEqual([10]);
});

test('an error of a change that a buffer or a cache kept is told its origin; its bytes are gone, so it leaves no dead letter', () => {
  const builder = new StreamsBuilder();
  builder
    .table<string, string>('in', TEXT)
    .suppress({ until: 'TIME_LIMIT', limitMs: 5 })
    .toStream()
    .peek((value) => {
      if (value === 'bad') throw new Error('cannot');
    })
    .to('out');
  const failures: FailedRecord[] = [];
  const { task, log } = makeTask(builder.build(), {
    cache: new CacheBudget(10_000),
    processingHandler: (failed) => {
      failures.push(failed);
      return deadLetterOnError(failed);
    },
  });
  task.initialize();
  task.addRecords(fetched('in', 0, 1, [batch(0, [at(1, 'bad')])]));
  task.process(1);
  task.prepareCommit();
  task.addRecords(fetched('in', 1, 2, [batch(1, [{ key: 'other', ...at(20, 'good') }])]));
  task.process(1);
  task.prepareCommit();
  expect(failures.map(({ rawValue, node }) => [rawValue, node])).toEqual([[null, 'KSTREAM-PEEK-0000000006']]);
  expect(log.records.filter(({ topic }) => topic.endsWith('.dead-letter'))).toEqual([]);
  expect(Object.fromEntries(task.dropped)).toEqual({ 'processing-error': 1 });
});
