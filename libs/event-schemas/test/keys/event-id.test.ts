import { expect, test } from '@jest/globals';
import { cmcdEventId, nativeEventId, uuidV5 } from '../../src/index.ts';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test.each([
  // RFC 9562, appendix A.4.
  [DNS, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  // As Python's uuid.uuid5 gives them.
  [DNS, 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  [DNS, 'ü', 'ad6339e7-66ab-5d3c-be44-818ca72b7a8f'],
  [DNS, '€'.repeat(336), '371dccf7-0ce1-50ee-977d-e9a7ed091c8a'],
  [DNS, '€'.repeat(337), 'd05e5946-3ad0-534b-8137-a9beba0e1056'],
  [DNS, 'x'.repeat(5000), 'cfc11b34-06f5-5404-bc50-2a211317a864'],
])('UUIDv5 of %s and %s is %s', (namespace, name, uuid) => {
  expect(uuidV5(namespace, name)).toBe(uuid);
});

test('refuses a namespace that is no UUID', () => {
  expect(() => uuidV5('demo', 'x')).toThrow('"demo" is not a UUID');
});

test('native ids differ by session, type and sequence, and by nothing else', () => {
  const beat = { session: 's-1', type: 'BEAT', sequence: 3 } as const;
  expect(nativeEventId(beat)).toBe(nativeEventId({ ...beat }));
  const ids = [
    nativeEventId(beat),
    nativeEventId({ ...beat, session: 's-2' }),
    nativeEventId({ ...beat, type: 'EVENT' }),
    nativeEventId({ ...beat, sequence: 4 }),
  ];
  expect(new Set(ids).size).toBe(4);
});

test('a native id is the name-based UUID of its parts as JSON, whatever the session is called', () => {
  const namespace = uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'urn:playhead:event');
  for (const session of ['s-1', 'ü', 'a"b\\c', 's-1', '\ud800', '']) {
    const name = JSON.stringify([session, 'BEAT', 3]);
    expect(nativeEventId({ session, type: 'BEAT', sequence: 3 })).toBe(uuidV5(namespace, name));
  }
  expect(nativeEventId({ session: 's', type: 'BEAT', sequence: 7 })).toBe('3afe5e90-dcaf-5616-b664-627c52639f2e');
});

test('CMCD ids tell a restarted sequence number from a resent line', () => {
  const line = { session: 's-1', sid: 'a', ts: 1000, event: 'ps', sn: 0 };
  expect(cmcdEventId(line)).toBe(cmcdEventId({ ...line }));
  const ids = [
    cmcdEventId(line),
    cmcdEventId({ ...line, ts: 2000 }),
    cmcdEventId({ ...line, event: 't' }),
    cmcdEventId({ ...line, sn: 1 }),
    cmcdEventId({ ...line, sid: null }),
    cmcdEventId({ ...line, session: 's-2' }),
  ];
  expect(new Set(ids).size).toBe(6);
});
