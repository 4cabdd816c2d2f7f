import { describe, expect, test } from '@jest/globals';
import type { ProcessorContext } from '@playhead/stream-core';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { partitionForKey } from '../../src/processor/partitioner.ts';
import { TEXT, counting, topic } from './counting-topology.ts';

describe('the driver', () => {
  test('has the results of an input when pipeInput returns, through repartition topics too', () => {
    const driver = new TopologyTestDriver(counting().build());
    const output = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.long });
    expect(output.isEmpty).toBe(true);
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', 5);
    expect([output.isEmpty, output.readValue(), output.isEmpty]).toEqual([false, 1, true]);
    expect(() => output.readRecord()).toThrow(RangeError);
    expect(driver.produced.map((record) => record.topic)).toEqual([
      'app-by-value-repartition',
      'app-counts-changelog',
      'out',
    ]);
  });

  test.each([-1, 3, 0.5])('refuses an input for partition %p of three, which nobody would read', (partition) => {
    const driver = new TopologyTestDriver(counting().build(), { partitions: 3 });
    const input = driver.createInputTopic(topic('in'));
    expect(() => input.pipeInput('a', 'k', 0, { partition })).toThrow(
      `topic in has no partition ${partition}; allowed: 0 to 2`,
    );
  });

  test('places an input by the part of its key that its topic names, as a producer does', () => {
    const builder = new StreamsBuilder();
    const seen: (number | undefined)[] = [];
    builder.stream<string, string>('in', TEXT).process<string, string>(() => {
      let context: ProcessorContext<string, string>;
      return { init: (given) => void (context = given), process: () => seen.push(context.recordMetadata?.partition) };
    });
    const driver = new TopologyTestDriver(builder.build(), { partitions: 8 });
    const partitionKey = (key: string): string => key.split('/')[0] ?? '';
    const input = driver.createInputTopic({ ...topic('in'), partitionKey });
    for (let session = 0; session < 3; session++) input.pipeInput('v', `account/${session}`);
    input.pipeInput('v', 'account/3', 0, { partition: 7 });
    const whole = partitionForKey(Buffer.from('account'), 8);
    expect(seen).toEqual([whole, whole, whole, 7]);
  });

  test('gives records the wall clock’s time when none is said', () => {
    const builder = new StreamsBuilder();
    builder.stream('in', TEXT).to('out');
    const driver = new TopologyTestDriver(builder.build(), { initialWallClockTimeMs: 100 });
    driver.advanceWallClockTime(11);
    driver.createInputTopic(topic('in')).pipeInput('v');
    expect(driver.createOutputTopic(topic('out')).readRecord()).toMatchObject({ key: null, timestamp: 111 });
  });

  test('takes bytes that no serde has seen, and hands the error to the handler', () => {
    const builder = new StreamsBuilder();
    builder.stream<string, unknown>('in', { key: serdes.string, value: serdes.json() }).to('out');
    const driver = new TopologyTestDriver(builder.build(), { deserializationHandler: () => 'dead-letter' });
    driver.createInputTopic(topic('in')).pipeRaw(Buffer.from('k'), Buffer.from('{'), 3);
    expect(driver.createOutputTopic(topic('in.dead-letter')).readKeyValuesToList()).toEqual([['k', '{']]);
  });

  test.each<[timestamp: unknown, shown: string]>([
    [NaN, 'NaN'],
    [1.5, '1.5'],
    [Infinity, 'Infinity'],
    [1e300, '1e+300'],
    [2 ** 53, '9007199254740992'],
    ['5', '"5"'],
  ])('refuses a record of time %p, in values as in bytes', (timestamp, shown) => {
    const driver = new TopologyTestDriver(counting().build());
    const input = driver.createInputTopic(topic('in'));
    const refusal = expect.objectContaining({
      code: 'STREAMS_ARGUMENT',
      message: `timestamp of a record for in is ${shown}; allowed: whole milliseconds, safe integers`,
    });
    expect(() => input.pipeInput('v', 'k', timestamp as number)).toThrow(refusal);
    expect(() => input.pipeRecord({ value: 'v', timestamp: timestamp as number })).toThrow(refusal);
    expect(() => input.pipeRaw(null, Buffer.from('v'), timestamp as number)).toThrow(refusal);
    expect(driver.metrics.processedRecords).toBe(0);
  });

  test('hands a record of negative time to the handler', () => {
    const asked: number[] = [];
    const driver = new TopologyTestDriver(counting().build(), {
      deserializationHandler: ({ timestamp }) => {
        asked.push(timestamp);
        return 'continue';
      },
    });
    driver.createInputTopic(topic('in')).pipeInput('v', 'k', -7);
    expect([asked, driver.droppedRecords]).toEqual([[-7], 1]);
  });

  test('gives records that name no time that of their input topic, which advances', () => {
    const builder = new StreamsBuilder();
    builder.stream('in', TEXT).to('out');
    const driver = new TopologyTestDriver(builder.build());
    const input = driver.createInputTopic(topic('in'), { startTimestampMs: 100, autoAdvanceMs: 10 });
    const output = driver.createOutputTopic(topic('out'));
    input.pipeValueList(['a', 'b']);
    input.pipeInput('named', null, 7);
    input.advanceTime(1_000);
    input.pipeKeyValueList([['k', 'c']]);
    expect(output.queueSize).toBe(4);
    expect(output.readRecords().map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      [null, 'a', 100],
      [null, 'b', 110],
      [null, 'named', 7],
      ['k', 'c', 1_120],
    ]);
  });

  test.each<[what: string, act: (driver: TopologyTestDriver) => unknown]>([
    ['a step without a start', (driver) => driver.createInputTopic(topic('in'), { autoAdvanceMs: 1 })],
    [
      'a step back in time',
      (driver) => driver.createInputTopic(topic('in'), { startTimestampMs: 1, autoAdvanceMs: -1 }),
    ],
    ['an advance of the wall clock’s time', (driver) => driver.createInputTopic(topic('in')).advanceTime(1)],
    [
      'an advance back in time',
      (driver) => driver.createInputTopic(topic('in'), { startTimestampMs: 1 }).advanceTime(-1),
    ],
    ['a start that is no number', (driver) => driver.createInputTopic(topic('in'), { startTimestampMs: NaN })],
    [
      'a step of half a millisecond',
      (driver) => driver.createInputTopic(topic('in'), { startTimestampMs: 1, autoAdvanceMs: 0.5 }),
    ],
    ['a wall clock that goes back', (driver) => driver.advanceWallClockTime(-1)],
    ['a wall clock that goes on by no number', (driver) => driver.advanceWallClockTime(NaN)],
  ])('refuses %s', (_what, act) => {
    expect(() => act(new TopologyTestDriver(counting().build()))).toThrow(
      expect.objectContaining({ code: 'STREAMS_ARGUMENT' }),
    );
  });

  test('what was read from one topic can be piped into another, and read as a table', () => {
    const builder = new StreamsBuilder();
    builder.stream(['in', 'again'], TEXT).to('out');
    const driver = new TopologyTestDriver(builder.build());
    const headers = [{ key: 'h', value: null }];
    driver.createInputTopic(topic('in')).pipeRecordList([
      { key: 'k', value: '1', timestamp: 5, headers },
      { key: 'k', value: '2', timestamp: 6 },
      { key: 'l', value: null, timestamp: 6 },
    ]);
    const output = driver.createOutputTopic(topic('out'));
    driver.createInputTopic(topic('again')).pipeRecord(output.readRecord());
    expect(output.readKeyValue()).toEqual(['k', '2']);
    expect(output.readKeyValuesToMap()).toEqual(
      new Map([
        ['l', null],
        ['k', '1'],
      ]),
    );
    driver.createInputTopic(topic('in')).pipeInput('no key');
    expect(() => output.readKeyValuesToMap()).toThrow(RangeError);
  });
});
