import { describe, expect, test } from '@jest/globals';
import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { TopicPartition } from '../../../src/kafka/types.ts';
import { batch, fetched, makeTask } from './task-fixture.ts';

const TEXT = { key: serdes.string, value: serdes.string };

/** A task that merges the topics `a` and `b`, and of which input more is said to be on its way. */
function mergingTask() {
  const builder = new StreamsBuilder();
  builder.stream('a', TEXT).merge(builder.stream('b', TEXT)).to('out', TEXT);
  const awaited = new Set<string>();
  const asked: TopicPartition[] = [];
  const awaitsMore = ({ topic, partition }: TopicPartition): boolean => {
    asked.push({ topic, partition });
    return awaited.has(topic);
  };
  const { task, log } = makeTask(builder.build(), { awaitsMore });
  task.initialize();
  const add = (topic: string, offset: number, timestamps: readonly number[]): void => {
    const records = timestamps.map((timestamp) => ({ value: `${topic}${timestamp}`, timestamp }));
    task.addRecords(fetched(topic, offset, offset + timestamps.length, [batch(offset, records)]));
  };
  const written = (): (string | undefined)[] => log.records.map(({ value }) => value?.toString());
  return { task, awaited, asked, add, written };
}

describe('a task with several inputs', () => {
  test('waits for one whose records are on their way, which may be earlier', () => {
    const { task, awaited, add, written } = mergingTask();
    awaited.add('b');
    add('a', 0, [10, 20]);
    expect([task.process(9), task.commitNeeded]).toEqual([0, false]);
    awaited.clear();
    add('b', 0, [5, 15]);
    expect(task.process(9)).toBe(4);
    expect(written()).toEqual(['b5', 'a10', 'b15', 'a20']);
  });

  test('waits again when an input runs out of records in the middle of a turn', () => {
    const { task, awaited, add, written } = mergingTask();
    awaited.add('b');
    add('a', 0, [10, 20, 30]);
    add('b', 0, [15]);
    expect(task.process(9)).toBe(2);
    add('b', 1, [25]);
    awaited.clear();
    expect(task.process(9)).toBe(3);
    expect(written()).toEqual(['a10', 'b15', 'a20', 'b25', 'a30']);
  });

  test('goes on without one of which nothing is on its way', () => {
    const { task, asked, add, written } = mergingTask();
    add('a', 0, [10, 20]);
    expect(task.process(9)).toBe(2);
    expect(written()).toEqual(['a10', 'a20']);
    expect(asked[0]).toMatchObject({ topic: 'b', partition: 0 });
  });
});
