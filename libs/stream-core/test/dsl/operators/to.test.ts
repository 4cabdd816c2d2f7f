import { expect, test } from '@jest/globals';
import { StreamsBuilder, TopologyError } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import { TEXT, streamIn } from '../operator-driver.ts';

test('a topic named for each record, a typed topic with a partition key', () => {
  const builder = new StreamsBuilder();
  const source = streamIn(builder);
  source.to((value) => `out-${value}`);
  source.to({ name: 'typed', ...TEXT, partitionKey: (key) => key.split('/')[0] ?? '' });
  const driver = new TopologyTestDriver(builder.build(), { partitions: { in: 1, typed: 12 } });
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('x', 'a/1', 5);
  input.pipeInput('y', 'a/2', 6);
  expect(driver.produced.map(({ topic, partition }) => [topic, partition])).toEqual([
    ['out-x', 0],
    ['typed', partitionForKey(Buffer.from('a'), 12)],
    ['out-y', 0],
    ['typed', partitionForKey(Buffer.from('a'), 12)],
  ]);
});

test('headers travel with the record to the sink', () => {
  const builder = new StreamsBuilder();
  streamIn(builder)
    .mapValues(() => 'v')
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build());
  const headers = [
    { key: 'h', value: Buffer.from('1') },
    { key: 'h', value: null },
  ];
  driver.createInputTopic({ name: 'in', ...TEXT }).pipeInput('x', 'k', 5, { headers });
  const [record] = driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  expect(record?.headers.map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString()])).toEqual(
    [
      ['h', '1'],
      ['h', null],
    ],
  );
});

test('a stream that lost its value serde cannot be written without one', () => {
  const builder = new StreamsBuilder();
  expect(() =>
    streamIn(builder)
      .mapValues(() => 1)
      .to('out'),
  ).toThrow(TopologyError);
});
