import { expect, test } from '@jest/globals';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { partitionForKey } from '../../../src/processor/partitioner.ts';
import { TEXT, runTopology } from '../operator-driver.ts';
import type { Row } from '../operator-driver.ts';

/** `d1` of `d1:play`. */
const device = (value: string): string | null => (value.includes(':') ? (value.split(':')[0] as string) : null);
const pair = (left: string, right: string | null): string => `${left}/${right}`;

function define(builder: StreamsBuilder, isLeft: boolean): void {
  const plays = builder.table<string, string>('plays', TEXT);
  const devices = builder.table<string, string>('devices', TEXT);
  const joined = isLeft ? plays.leftJoinForeignKey(devices, device, pair) : plays.joinForeignKey(devices, device, pair);
  joined.toStream().to('out', TEXT);
}

const ROWS: readonly Row[] = [
  ['plays', 'p1', 'd1:a', 1],
  ['devices', 'd1', 'tv', 2],
  ['plays', 'p2', 'd1:b', 9],
  ['devices', 'd1', 'phone', 3],
  ['plays', 'p1', 'd2:a', 10],
  ['plays', 'p2', 'none', 11],
  ['plays', 'p1', null, 12],
  ['plays', 'p1', null, 13],
];

test.each([
  {
    isLeft: false,
    answers: [
      ['p1', 'd1:a/tv', 2],
      ['p2', 'd1:b/tv', 9],
      ['p1', 'd1:a/phone', 3],
      ['p2', 'd1:b/phone', 3],
      ['p1', null, 10],
      ['p2', null, 11],
      ['p1', null, 12],
    ],
    dropped: { 'null-foreign-key': 1 },
  },
  {
    isLeft: true,
    answers: [
      ['p1', 'd1:a/null', 1],
      ['p1', 'd1:a/tv', 2],
      ['p2', 'd1:b/tv', 9],
      ['p1', 'd1:a/phone', 3],
      ['p2', 'd1:b/phone', 3],
      ['p1', 'd2:a/null', 10],
      ['p2', 'none/null', 11],
      ['p1', null, 12],
    ],
    dropped: {},
  },
])('rows find the row that they name, whichever changes; left: $isLeft', ({ isLeft, answers, dropped }) => {
  const outcome = runTopology((builder) => define(builder, isLeft), ROWS);
  expect(outcome.out.map((row) => (row as unknown[]).slice(1))).toEqual(answers);
  expect(outcome.dropped).toEqual(dropped);
});

test('an answer returns to the partition of the row that asked, wherever the other row is', () => {
  const builder = new StreamsBuilder();
  define(builder, false);
  const driver = new TopologyTestDriver(builder.build(), { partitions: 4 });
  const plays = driver.createInputTopic({ name: 'plays', ...TEXT });
  const devices = driver.createInputTopic({ name: 'devices', ...TEXT });
  const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
  for (const [i, name] of names.entries()) plays.pipeInput(`d${i % 5}:x`, name, i);
  for (let i = 0; i < 5; i++) devices.pipeInput(`name${i}`, `d${i}`, 100);
  const joined = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.string });
  const rows = new Map(joined.readKeyValuesToList());
  expect(rows.size).toBe(12);
  for (const [i, name] of names.entries()) expect(rows.get(name)).toBe(`d${i % 5}:x/name${i % 5}`);
  expect(driver.droppedRecords).toBe(0);
  driver.close();
});

test('finds the other row where only a part of its key decides its partition', () => {
  const builder = new StreamsBuilder();
  const plays = builder.table<string, string>('plays', TEXT);
  const devices = builder.table<string, string>('devices', TEXT);
  const account = (key: string): string => key.split('/')[0] as string;
  plays
    .joinForeignKey(devices, (value) => value, pair, { otherPartitionKey: account })
    .toStream()
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build(), { partitions: 4 });
  const input = driver.createInputTopic({ name: 'devices', key: serdes.string, value: serdes.string });
  for (let i = 0; i < 8; i++) {
    input.pipeInput(`name${i}`, `a${i}/tv`, i, { partition: partitionForKey(Buffer.from(`a${i}`), 4) });
    driver.createInputTopic({ name: 'plays', ...TEXT }).pipeInput(`a${i}/tv`, `p${i}`, 100 + i);
  }
  const rows = driver.createOutputTopic({ name: 'out', ...TEXT }).readKeyValuesToList();
  expect(new Map(rows).size).toBe(8);
  expect(new Set(rows)).toEqual(new Set(Array.from({ length: 8 }, (_, i) => [`p${i}`, `a${i}/tv/name${i}`])));
  driver.close();
});

test('the right table may be written before the subscriptions are kept: the left one shares a repartition topic with a later aggregation', () => {
  const builder = new StreamsBuilder();
  const devices = builder.table<string, string>('devices', TEXT);
  const byDevice = devices.groupBy((value, key) => ({ key, value }), { ...TEXT, name: 'by-device' });
  byDevice
    .count()
    .joinForeignKey(
      devices,
      () => 'd1',
      (plays, device) => `${plays}/${device}`,
      { leftValue: serdes.long, value: serdes.string },
    )
    .toStream()
    .to('out');
  byDevice.count();
  expect(() => builder.build()).not.toThrow();
});
