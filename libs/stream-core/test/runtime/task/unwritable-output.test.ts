import { expect, test } from '@jest/globals';
import { continueOnError, deadLetterOnError, type FailedOutput, serdes, StreamsBuilder } from '@playhead/stream-core';
import { TopologyTestDriver, type TopologyTestDriverOptions } from '@playhead/stream-core/testing';

/** A number's serde refuses texts that are no number. */
function drive(options: TopologyTestDriverOptions) {
  const builder = new StreamsBuilder();
  const texts = { name: 'in', key: serdes.string, value: serdes.string };
  builder
    .stream(texts)
    .mapValues((value) => (/^\d+$/.test(value) ? Number(value) : (value as never)))
    .to({ name: 'out', key: serdes.string, value: serdes.long });
  const driver = new TopologyTestDriver(builder.build(), options);
  const input = driver.createInputTopic(texts);
  for (const [at, value] of ['1', 'two', '3'].entries()) input.pipeInput(value, 'k', at);
  const numbers = driver.createOutputTopic({ name: 'out', key: serdes.string, value: serdes.long }).readValuesToList();
  return { driver, numbers };
}

test('output that its serde cannot write went to the processing handler', () => {
  expect(() => drive({ processingHandler: continueOnError })).toThrow(/the value cannot be serialised for topic out/);
});

test('the production handler leaves output out that its serde cannot write', () => {
  const asked: FailedOutput[] = [];
  const { driver, numbers } = drive({
    productionHandler: (failed) => {
      asked.push({ ...failed, rawValue: Buffer.from(failed.rawValue ?? []) });
      return 'continue';
    },
  });
  expect([numbers.map(Number), driver.dropped]).toEqual([[1, 3], new Map([['production-error', 1]])]);
  expect(asked).toEqual([
    expect.objectContaining({
      topic: 'in',
      offset: 1,
      rawValue: Buffer.from('two'),
      origin: 'value',
      output: { topic: 'out', partition: -1 },
      isRetriable: false,
    }),
  ]);
});

test('a dead letter of output that its serde cannot write is the source record', () => {
  const { driver, numbers } = drive({ productionHandler: deadLetterOnError });
  const letters = driver.createOutputTopic({ name: 'in.dead-letter', key: serdes.string, value: serdes.string });
  expect([numbers.map(Number), letters.readValuesToList()]).toEqual([[1, 3], ['two']]);
});

test('serialisation is not tried again: retry is fail', () => {
  expect(() => drive({ productionHandler: () => 'retry' })).toThrow(/the value cannot be serialised for topic out/);
});
