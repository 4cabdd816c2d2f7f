import { describe, expect, test } from '@jest/globals';
import { defineApi, type RequestInputOf, type RequestOf } from '../../src/codec/define-api.ts';
import { array, int16, int32, nullableArray, nullableString, records, string, struct } from '../../src/codec/fields.ts';
import { ByteReader } from '../../src/wire/byte-reader.ts';
import { ByteWriter } from '../../src/wire/byte-writer.ts';

const api = defineApi({
  key: 999,
  name: 'Example',
  versions: [0, 3],
  flexibleFrom: 2,
  request: [
    string('name'),
    nullableArray('ids', 'int32', { nullableFrom: 1 }),
    nullableString('note', { nullableFrom: 1, default: 'none' }),
    int16('old', { to: 0, default: 7 }),
    int32('added', { from: 1, default: -1 }),
    struct('place', [int32('x')], { from: 2, default: null, tag: 5 }),
    array('notes', 'string', { from: 2, default: [], tag: 1 }),
  ],
  response: [records('records')],
});
type Request = RequestInputOf<typeof api>;

function bytesOf(version: number, request: Request): Buffer {
  const writer = new ByteWriter();
  api.request.encode(writer, version, request);
  return Buffer.concat(writer.chunks());
}

function readBack(version: number, request: Request): RequestOf<typeof api> {
  return api.request.decode(new ByteReader(bytesOf(version, request)), version);
}

describe('versions and defaults', () => {
  test('what a version lacks is read as its default and not written', () => {
    expect(readBack(0, { name: 'a', ids: [1], added: 99 })).toEqual({
      name: 'a',
      ids: [1],
      note: 'none',
      old: 7,
      added: -1,
      place: null,
      notes: [],
    });
    expect(readBack(1, { name: 'a', ids: null, old: 1 })).toMatchObject({ old: 7, added: -1, ids: null });
  });

  test('null is refused before the version that allows it, with the field and no other error', () => {
    expect(() => bytesOf(0, { name: 'a', ids: null })).toThrow('ids may not be null');
    expect(() => bytesOf(0, { name: 'a', ids: [], note: null })).toThrow('note may not be null');
    const nullName = Buffer.from('ffff', 'hex');
    expect(() => api.request.decode(new ByteReader(nullName), 0)).toThrow('name may not be null');
  });

  test('a field without a default that is left out is refused', () => {
    // @ts-expect-error: the compiler says so too
    expect(() => bytesOf(1, { ids: [] })).toThrow('name is missing and has no default');
  });
});

describe('tagged fields', () => {
  test('are written in the order of their numbers and only where they differ from the default', () => {
    const [emptyName, noIds, note, added] = ['01', '01', '056e6f6e65', 'ffffffff'];
    const tags = ['02', '01', '03', '020262', '05', '05', '0000000900'];
    const bytes = bytesOf(2, { name: '', ids: [], place: { x: 9 }, notes: ['b'] });
    expect(bytes.toString('hex')).toBe([emptyName, noIds, note, added, ...tags].join(''));
    const plain = bytesOf(2, { name: '', ids: [], place: null, notes: [] });
    expect(plain.at(-1)).toBe(0);
  });

  test('are read whatever their order, and unknown ones are skipped', () => {
    const known = readBack(3, { name: 'n', ids: [4], place: { x: 9 }, notes: ['b', 'c'] });
    expect(known).toMatchObject({ place: { x: 9 }, notes: ['b', 'c'] });

    const base = bytesOf(2, { name: 'n', ids: [4] }).subarray(0, -1);
    const [unknown, place, notes] = ['6302abcd', '05050000000900', '0103020262'];
    const tags = Buffer.from(['03', unknown, place, notes].join(''), 'hex');
    const reader = new ByteReader(Buffer.concat([base, tags]));
    expect(api.request.decode(reader, 2)).toMatchObject({ place: { x: 9 }, notes: ['b'] });
    expect(reader.remaining).toBe(0);
  });
});

test('record sets are written by reference, in one piece or several, and read as a view', () => {
  const first = Buffer.from('first');
  const second = Buffer.from('second');
  for (const version of [0, 2]) {
    const writer = new ByteWriter();
    api.response.encode(writer, version, { records: [first, second] });
    const chunks = writer.chunks();
    expect(chunks[1]).toBe(first);
    expect(chunks[2]).toBe(second);
    const frame = Buffer.concat(chunks);
    const read = api.response.decode(new ByteReader(frame), version).records;
    expect(read?.toString()).toBe('firstsecond');
    expect(read?.buffer).toBe(frame.buffer);
  }
});
