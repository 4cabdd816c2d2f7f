import { expect, test } from '@jest/globals';
import { decodeOffsetMetadata, encodeOffsetMetadata } from '../../../src/runtime/task/offset-metadata.ts';

test('a time alone is written as before windows that close were known', () => {
  expect(encodeOffsetMetadata({ partitionTimeMs: 5, closedUpTo: new Map() })).toBe('{"partitionTimeMs":5}');
});

test('what is written is read again', () => {
  const metadata = { partitionTimeMs: 5, closedUpTo: new Map([['windows', 7]]), owner: 'process-1' };
  expect(decodeOffsetMetadata(encodeOffsetMetadata(metadata))).toEqual(metadata);
});

test.each(['', 'null', '[]', '{"partitionTimeMs":"x","closedUpTo":3}', '{"closedUpTo":{"w":"x"}}', 'AQAAAAA='])(
  '%j, which is not ours, says that no time is known',
  (text) => {
    expect(decodeOffsetMetadata(text)).toEqual({ partitionTimeMs: -1, closedUpTo: new Map() });
  },
);
