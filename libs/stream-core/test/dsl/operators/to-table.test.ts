import { expect, test } from '@jest/globals';
import { StreamsBuilder } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from '../operator-driver.ts';

test('a stream as a table: the last value counts, null deletes, no key is dropped', () => {
  const builder = new StreamsBuilder();
  const table = streamIn(builder).toTable({ storeName: 'kept' });
  table.toStream().to('out');
  expect(table.queryableStoreName).toBe('kept');
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('1', 'a', 5);
  input.pipeInput('2', 'a', 3); // Older, but later in the log: it wins.
  input.pipeInput('3', 'b', 4);
  input.pipeInput(null, 'b', 6);
  input.pipeInput('4', null, 7);
  const rows = driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  expect(rows.map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
    ['a', '1', 5],
    ['a', '2', 3],
    ['b', '3', 4],
    ['b', null, 6],
  ]);
  expect(Array.from(driver.keyValueStore('kept').all())).toEqual([{ key: 'a', value: '2', timestamp: 3 }]);
  expect(Object.fromEntries(driver.dropped)).toEqual({ 'null-key': 1 });
});
