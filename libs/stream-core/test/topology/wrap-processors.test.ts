import { expect, test } from '@jest/globals';
import type { WrappedRecord } from '@playhead/stream-core';
import { TEXT, streamIn } from '../dsl/operator-driver.ts';
import { StreamsBuilder } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

function run(
  wrapperOf: (node: string) => ((record: WrappedRecord, process: () => void) => void) | undefined,
): string[] {
  const builder = new StreamsBuilder();
  streamIn(builder)
    .filter((value) => value !== null, { name: 'present' })
    .groupByKey()
    .count({ name: 'counted' })
    .toStream({ name: 'changes' })
    .mapValues(String, { name: 'as-text' })
    .to('out', TEXT);
  const driver = new TopologyTestDriver(builder.build({ processorWrapper: wrapperOf }));
  const input = driver.createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('a', 'k', 5);
  input.pipeInput(null, 'k', 6);
  input.pipeInput('b', 'k', 7);
  const output = driver.createOutputTopic({ name: 'out', ...TEXT });
  return output.readKeyValuesToList().map(([, value]) => String(value));
}

test('a wrapper stands around records of streams and rows of tables, outer processors around inner ones', () => {
  const seen: string[] = [];
  const results = run((node) => ({ key, value, timestamp }, process) => {
    seen.push(`> ${node} ${String(key)} ${String(value)} ${timestamp}`);
    process();
    seen.push(`< ${node}`);
  });
  expect(results).toEqual(['1', '2']);
  expect(seen.slice(0, 8)).toEqual([
    '> present k a 5',
    '> counted k a 5',
    '> changes k 1 5',
    '> as-text k 1 5',
    '< as-text',
    '< changes',
    '< counted',
    '< present',
  ]);
  expect(seen.slice(8, 10)).toEqual(['> present k null 6', '< present']);
});

test('a record that a wrapper does not hand on is left out', () => {
  expect(
    run((node) => (node === 'counted' ? ({ value }, process) => void (value === 'a' || process()) : undefined)),
  ).toEqual(['1']);
});
