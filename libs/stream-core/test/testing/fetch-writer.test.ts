import { expect, test } from '@jest/globals';
import { RecordCursor } from '@playhead/kafka-protocol';
import type { FetchedRecords } from '../../src/kafka/types.ts';
import { NO_HEADERS } from '../../src/processor/headers.ts';
import { FetchWriter } from '../../src/testing/fetch-writer.ts';
import { PagedRecord } from '../../src/testing/paged-record.ts';

const LONG = 'x'.repeat(100_000);

function read({ records }: FetchedRecords): unknown {
  const cursor = new RecordCursor().reset(records);
  expect([cursor.nextBatch(), cursor.next(), cursor.crcValid()]).toEqual([true, true, true]);
  const { bytes, offset, timestamp, keyStart, keyEnd, valueStart, valueEnd, headerCount } = cursor;
  const text = (start: number, end: number) => (start < 0 ? null : bytes.toString('utf8', start, end));
  return [offset, timestamp, text(keyStart, keyEnd), text(valueStart, valueEnd), headerCount];
}

test.each([
  ['key and value', 'k', 'v'],
  ['nothing', null, null],
  ['an empty key and no value', '', null],
  ['no key and an empty value', null, ''],
  ['more than a page', LONG, LONG],
  ['more than the loop copies', 'k'.repeat(50), 'v'.repeat(50)],
])('a record with %s is read back as it was written', (_what, key, value) => {
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  const record = new PagedRecord('t', 3, 77, bytes(key), bytes(value));
  expect([record.key?.toString() ?? null, record.value?.toString() ?? null]).toEqual([key, value]);
  const fetched = new FetchWriter().fetch(record, 9, true);
  expect(fetched).toMatchObject({ topic: 't', partition: 3, offset: 9, nextOffset: 10, highWatermark: 10 });
  expect(read(fetched)).toEqual([9, 77, key, value, 0]);
});

test('a record keeps its bytes whatever is done to those it was made of', () => {
  const key = Buffer.from('key');
  const record = new PagedRecord('t', 0, 1, key, null);
  key.fill(0);
  const next = new PagedRecord('t', 0, 2, Buffer.from('other'), null);
  expect([record.key?.toString(), next.key?.toString()]).toEqual(['key', 'other']);
});

test('fetches that have not been read yet keep their bytes', () => {
  const writer = new FetchWriter();
  const headers = [{ key: 'h', value: null }];
  const first = writer.fetch(new PagedRecord('t', 0, 1, Buffer.from('a'), null, headers), 0, true);
  const second = writer.fetch(new PagedRecord('t', 0, 2, Buffer.from('b'), null, NO_HEADERS), 1, false);
  const third = writer.fetch(new PagedRecord('t', 0, 3, Buffer.from('c'), null, NO_HEADERS), 2, false);
  expect([first, second, third].map(read)).toEqual([
    [0, 1, 'a', null, 1],
    [1, 2, 'b', null, 0],
    [2, 3, 'c', null, 0],
  ]);
});
