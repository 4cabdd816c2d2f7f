import { describe, expect, test } from '@jest/globals';
import { TEXT, at, batch, copying, fetched, makeTask, valuesOf } from './task-fixture.ts';

describe('what a task reads of a fetch', () => {
  test('starts at the offset that was asked for, within a batch that begins before it', () => {
    const { task, log } = makeTask(copying());
    task.initialize();
    task.addRecords(fetched('in', 12, 14, [batch(10, [at(1), at(2), at(3), at(4)])]));
    expect(task.process(100)).toBe(2);
    expect(valuesOf(log)).toEqual(['v3', 'v4']);
    expect(task.position('in')).toBe(14);
  });

  test('goes on where the last fetch ended, and past offsets that hold nothing', () => {
    const { task, log } = makeTask(copying());
    task.initialize();
    task.addRecords(fetched('in', 0, 2, [batch(0, [at(1), at(2)])]));
    task.addRecords(fetched('in', 2, 9, [batch(5, [at(3)])]));
    expect(task.process(100)).toBe(3);
    expect(valuesOf(log)).toEqual(['v1', 'v2', 'v3']);
    expect([task.position('in'), task.bufferedBytes()]).toEqual([9, 0]);
  });

  test('leaves out control batches and what was aborted, by producer', () => {
    const { task, log } = makeTask(copying());
    task.initialize();
    const abortMarker = batch(4, [{ key: '\0\0\0\0', value: '\0\0\0\0\0\0', timestamp: 9 }], {
      producerId: 7,
      isTransactional: true,
      isControl: true,
    });
    const batches = [
      batch(0, [at(1)], { producerId: 7, isTransactional: true }),
      batch(1, [at(2)], { producerId: 8, isTransactional: true }),
      batch(2, [at(3)], { producerId: 7, isTransactional: true }),
      batch(3, [at(4)]),
      abortMarker,
      batch(5, [at(5)], { producerId: 7, isTransactional: true }),
    ];
    task.addRecords(fetched('in', 0, 6, batches, [{ producerId: 7, firstOffset: 0 }]));
    task.process(100);
    expect(valuesOf(log)).toEqual(['v2', 'v4', 'v5']);
    expect(task.position('in')).toBe(6);
  });

  test('takes the record with the smallest timestamp of all its inputs first', () => {
    const { task, log } = makeTask(
      copying((builder) => builder.stream('a', TEXT).merge(builder.stream('b', TEXT)).to('out', TEXT)),
    );
    task.initialize();
    task.addRecords(fetched('a', 0, 2, [batch(0, [at(5, 'a5'), at(1, 'a1')])]));
    task.addRecords(fetched('b', 0, 2, [batch(0, [at(3, 'b3'), at(7, 'b7')])]));
    task.process(100);
    expect(valuesOf(log)).toEqual(['b3', 'a5', 'a1', 'b7']);
    expect(task.streamTimeMs).toBe(7);
  });

  test('stops after the number asked for, or when told to, and goes on later', () => {
    const { task } = makeTask(copying());
    task.initialize();
    task.addRecords(
      fetched('in', 0, 200, [
        batch(
          0,
          Array.from({ length: 200 }, (_, index) => at(index)),
        ),
      ]),
    );
    expect(task.process(10)).toBe(10);
    let asked = 0;
    expect(task.process(1000, () => ++asked === 2)).toBe(128);
    expect([task.process(1000), task.processedRecords]).toEqual([62, 200]);
  });

  test('refuses records of a partition that is not its own', () => {
    const { task } = makeTask(copying());
    expect(() => task.addRecords({ ...fetched('in', 0, 0, []), partition: 3 })).toThrow(RangeError);
    expect(() => task.addRecords(fetched('other', 0, 0, []))).toThrow(RangeError);
  });

  test('a timestamp extractor decides time and order; a negative answer drops the record', () => {
    const { task, log } = makeTask(
      copying((builder) =>
        builder.stream<string, string>('in', { ...TEXT, timestampExtractor: ({ value }) => Number(value) }).to('out'),
      ),
    );
    task.initialize();
    task.addRecords(fetched('in', 0, 3, [batch(0, [at(1, '30'), at(2, '-1'), at(3, '20')])]));
    task.process(100);
    expect(log.records.map(({ timestamp }) => timestamp)).toEqual([30, 20]);
    expect(Object.fromEntries(task.dropped)).toEqual({ 'negative-timestamp': 1 });
  });
});
