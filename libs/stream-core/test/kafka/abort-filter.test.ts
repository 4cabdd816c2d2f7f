import { describe, expect, test } from '@jest/globals';
import { RecordCursor } from '@playhead/kafka-protocol';
import { AbortFilter } from '../../src/kafka/abort-filter.ts';
import { batchOf, markerOf } from './support/record-sets.ts';

const inTransaction = (producerId: number) => ({
  producerId,
  producerEpoch: 0,
  baseSequence: 0,
  isTransactional: true,
});

function read(batches: Buffer[], abortedTransactions: { producerId: number; firstOffset: number }[]): string[] {
  const filter = new AbortFilter().reset({ abortedTransactions });
  const cursor = new RecordCursor().reset(Buffer.concat(batches));
  const values: string[] = [];
  while (cursor.nextBatch()) {
    if (filter.skips(cursor)) continue;
    while (cursor.next()) values.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
  }
  return values;
}

describe('the abort filter', () => {
  test.each([
    ['records without a transaction', [batchOf(0, ['a', 'b'])], [], ['a', 'b']],
    [
      'a committed transaction, without its marker',
      [batchOf(0, ['a'], inTransaction(7)), markerOf(1, 7, 'commit'), batchOf(2, ['end'])],
      [],
      ['a', 'end'],
    ],
    [
      'nothing of an aborted one',
      [batchOf(0, ['a'], inTransaction(7)), markerOf(1, 7, 'abort'), batchOf(2, ['end'])],
      [{ producerId: 7, firstOffset: 0 }],
      ['end'],
    ],
    [
      'the committed one of two interleaved producers',
      [
        batchOf(0, ['a'], inTransaction(7)),
        batchOf(1, ['b'], inTransaction(8)),
        markerOf(2, 7, 'abort'),
        batchOf(3, ['c'], inTransaction(8)),
        markerOf(4, 8, 'commit'),
      ],
      [{ producerId: 7, firstOffset: 0 }],
      ['b', 'c'],
    ],
    [
      'nothing of two overlapping aborts when reading starts in the middle',
      [
        batchOf(2, ['b'], inTransaction(8)),
        markerOf(3, 7, 'abort'),
        batchOf(4, ['c'], inTransaction(8)),
        markerOf(5, 8, 'abort'),
        batchOf(6, ['end']),
      ],
      [
        { producerId: 7, firstOffset: 0 },
        { producerId: 8, firstOffset: 1 },
      ],
      ['end'],
    ],
    [
      'what a producer committed between two of its aborts',
      [
        batchOf(0, ['a'], inTransaction(7)),
        markerOf(1, 7, 'abort'),
        batchOf(2, ['b'], inTransaction(7)),
        markerOf(3, 7, 'commit'),
        batchOf(4, ['c'], inTransaction(7)),
        markerOf(5, 7, 'abort'),
      ],
      [
        { producerId: 7, firstOffset: 0 },
        { producerId: 7, firstOffset: 4 },
      ],
      ['b'],
    ],
    [
      'nothing of an abort that the list gives out of order',
      [
        batchOf(0, ['a'], inTransaction(8)),
        batchOf(1, ['b'], inTransaction(7)),
        markerOf(2, 8, 'abort'),
        markerOf(3, 7, 'abort'),
      ],
      [
        { producerId: 7, firstOffset: 1 },
        { producerId: 8, firstOffset: 0 },
      ],
      [],
    ],
    [
      'records outside the transaction of a producer whose transaction aborts',
      [batchOf(0, ['a']), batchOf(1, ['b'], inTransaction(7)), markerOf(2, 7, 'abort')],
      [{ producerId: 7, firstOffset: 1 }],
      ['a'],
    ],
  ])('delivers %s', (_what, batches, aborted, expected) => {
    expect(read(batches, aborted)).toEqual(expected);
  });

  test('an aborted record whose key looks like an abort marker closes nothing (kafkajs delivers what follows it)', () => {
    const aborted = batchOf(0, ['a', 'b'], inTransaction(7));
    expect(read([aborted, markerOf(2, 7, 'abort'), batchOf(3, ['end'])], [{ producerId: 7, firstOffset: 0 }])).toEqual([
      'end',
    ]);
  });

  test('a reset forgets the transactions of the answer before', () => {
    const filter = new AbortFilter().reset({ abortedTransactions: [{ producerId: 7, firstOffset: 0 }] });
    const cursor = new RecordCursor().reset(batchOf(0, ['a'], inTransaction(7)));
    cursor.nextBatch();
    expect(filter.skips(cursor)).toBe(true);
    filter.reset({ abortedTransactions: [] });
    expect(filter.skips(cursor)).toBe(false);
  });
});
