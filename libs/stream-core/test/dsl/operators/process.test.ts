import { expect, test } from '@jest/globals';
import { StreamsBuilder, stores } from '@playhead/stream-core';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import type { TestInputTopic } from '@playhead/stream-core/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from '../operator-driver.ts';

type Text = string | null;

function run(
  supplier: () => Processor<Text, Text, Text, Text>,
  pipe: (driver: TopologyTestDriver, input: TestInputTopic<string, string>) => void,
  stores_: readonly string[] = [],
): unknown[] {
  const builder = new StreamsBuilder();
  builder.addStateStore(stores.keyValue({ name: 'seen', ...TEXT }));
  streamIn(builder).process<Text, Text>(supplier, { stores: stores_ }).to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build());
  pipe(driver, driver.createInputTopic({ name: 'in', ...TEXT }));
  const rows = driver.createOutputTopic({ name: 'out', ...TEXT }).readRecords();
  driver.close();
  return rows.map(({ key, value, timestamp, headers }) => [key, value, timestamp, headers.map((header) => header.key)]);
}

/** A processor that does one thing with its context. */
const processor =
  (
    process: (record: StreamRecord<Text, Text>, context: ProcessorContext<Text, Text>) => void,
    init: (context: ProcessorContext<Text, Text>) => void = () => {},
  ) =>
  (): Processor<Text, Text, Text, Text> => {
    let context: ProcessorContext<Text, Text>;
    return {
      init(given) {
        context = given;
        init(given);
      },
      process: (record) => process(record, context),
    };
  };

test('a processor forwards what it likes: key, value, time and headers', () => {
  const headers = [{ key: 'new', value: null }];
  const supplier = processor((record, context) => {
    context.forward({ key: record.value, value: record.key, timestamp: record.timestamp + 1, headers });
    context.forward(record);
  });
  const rows = run(supplier, (_driver, input) =>
    input.pipeInput('v', 'k', 5, { headers: [{ key: 'old', value: null }] }),
  );
  expect(rows).toEqual([
    ['v', 'k', 6, ['new']],
    ['k', 'v', 5, ['old']],
  ]);
});

test('it knows where its record came from and what time it is', () => {
  const supplier = processor((record, context) => {
    const { topic, partition, offset } = context.recordMetadata ?? { topic: '', partition: -1, offset: -1 };
    const value = [
      topic,
      partition,
      offset,
      context.currentStreamTimeMs(),
      context.currentSystemTimeMs(),
      context.taskId,
    ].join(' ');
    context.forward({ ...record, value });
  });
  const rows = run(supplier, (driver, input) => {
    driver.advanceWallClockTime(100);
    input.pipeInput('v', 'k', 9);
    input.pipeInput('v', 'k', 5);
  });
  expect(rows.map((row) => (row as unknown[])[1])).toEqual(['in 0 0 9 100 0_0', 'in 0 1 9 100 0_0']);
});

test('a stream-time punctuator fires at once with the first record, then on multiples, missed ones together', () => {
  const fired: number[] = [];
  const supplier = processor(
    (record, context) => context.forward(record),
    (context) => {
      context.schedule(10, 'STREAM_TIME', (now) => {
        fired.push(now);
        expect(context.recordMetadata).toBeUndefined();
      });
    },
  );
  run(supplier, (_driver, input) => {
    for (const timestamp of [3, 7, 12, 15, 55, 60]) input.pipeInput('v', 'k', timestamp);
  });
  expect(fired).toEqual([3, 12, 55, 60]);
});

test('a wall-clock punctuator fires after an interval, once for several that were missed, until it is cancelled', () => {
  const fired: number[] = [];
  const supplier = processor(
    () => {},
    (context) => {
      const schedule = context.schedule(10, 'WALL_CLOCK_TIME', (now) => {
        fired.push(now);
        if (fired.length === 3) schedule.cancel();
      });
    },
  );
  run(supplier, (driver) => {
    for (const by of [9, 1, 25, 4, 1, 100]) driver.advanceWallClockTime(by);
  });
  expect(fired).toEqual([10, 35, 40]);
});

test('a store it is connected to is its own; any other is refused when it starts', () => {
  const remember = processor(
    (record, context) => {
      const seen = context.getStateStore<KeyValueStore<Text, Text>>('seen');
      const value = seen.get(record.key);
      seen.put(record.key, record.value);
      context.forward({ ...record, value });
    },
    (context) => context.getStateStore('seen'),
  );
  const pipe = (_driver: unknown, input: TestInputTopic<string, string>): void => {
    input.pipeInput('1', 'k', 5);
    input.pipeInput('2', 'k', 6);
  };
  expect(run(remember, pipe, ['seen']).map((row) => (row as unknown[])[1])).toEqual([null, '1']);
  expect(() => run(remember, pipe, [])).toThrow(/failed to start: .*not connected/);
});

test('a fixed-key processor cannot forward another key', () => {
  const builder = new StreamsBuilder();
  streamIn(builder)
    .processValues<Text>(
      processor((record, context) => context.forward(record.value === 'same' ? record : { ...record, key: 'other' })),
    )
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('same', 'k', 1);
  expect(() => input.pipeInput('v', 'k', 2)).toThrow(/another key/);
  expect(driver.createOutputTopic({ name: 'out', ...TEXT }).readValuesToList()).toEqual(['same']);
});

test('a child that does not exist cannot be forwarded to', () => {
  const supplier = processor((record, context) => context.forward(record, 'nobody'));
  expect(() => run(supplier, (_driver, input) => input.pipeInput('v', 'k', 1))).toThrow(/has no child nobody/);
});

test('close is called once per task', () => {
  let closed = 0;
  const supplier = () => ({ process: () => {}, close: () => void closed++ });
  run(supplier, () => {});
  expect(closed).toBe(1);
});
