import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SerdeError, serdes } from '@playhead/stream-core';
import { Change, changeSerde } from '../../src/serde/change-serde.ts';

const codec = changeSerde(serdes.string).open({ topic: 'groups-repartition', part: 'value' });
const hex = (change: Change<string>): string => Buffer.from(codec.serialize(change)).toString('hex');

test.each([
  ['only the old value', new Change<string>(null, 'ab'), '616200'],
  ['only the new value', new Change<string>('ab', null), '616201'],
  ['both', new Change('abc', 'de'), '06616263646502'],
  ['an empty new value', new Change('', 'de'), '00646502'],
])('%s has the bytes that Kafka Streams writes', (_name, change, bytes) => {
  expect(hex(change)).toBe(bytes);
  expect(codec.deserialize(Buffer.from(bytes, 'hex'))).toEqual(change);
});

test.each([
  ['616203', new Change<string>(null, 'a', false)],
  ['610104', new Change<string>('a', null, true)],
  ['0261620005', new Change('a', 'b', false)],
])('%s, with a byte for isLatest, is read though never written', (bytes, change) => {
  // In front of the kind stands isLatest: 01 or anything else.
  expect(codec.deserialize(Buffer.from(bytes, 'hex'))).toEqual(change);
});

test('what is written is read again, long values too', () => {
  const value = fc.option(fc.string({ maxLength: 400 }), { nil: null });
  fc.assert(
    fc.property(value, value, (newValue, oldValue) => {
      fc.pre(newValue !== null || oldValue !== null);
      const change = new Change(newValue, oldValue);
      expect(codec.deserialize(codec.serialize(change))).toEqual(change);
    }),
  );
});

test.each(['', '6106', '02', 'ff02'])('bytes %s are no change', (bytes) => {
  expect(() => codec.deserialize(Buffer.from(bytes, 'hex'))).toThrow(SerdeError);
});

test('a change of nothing to nothing cannot be written', () => {
  expect(() => codec.serialize(new Change<string>(null, null))).toThrow(SerdeError);
});
