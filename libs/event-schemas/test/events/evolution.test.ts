import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { unreadableWriters } from '../../src/testing.ts';
import { packageFile, schemas } from '../schemas.ts';

/** Schemas as they were released stay under test/released for ever: a topic may still hold what they wrote. */
const released = readdirSync(new URL('../released', import.meta.url));

test.each(schemas)('$file reads every version that was ever released', ({ file, text }) => {
  const versions = released.filter((name) => name.startsWith(`${file}.v`));
  const writers = Object.fromEntries(versions.map((name) => [name, packageFile(`test/released/${name}`)]));
  expect(versions.length).toBeGreaterThan(0);
  expect(unreadableWriters(text, writers)).toEqual([]);
});

describe('the check under BACKWARD_TRANSITIVE', () => {
  const enumOf = (...symbols: string[]): object => ({ type: 'enum', name: 'E', symbols });
  const record = (...fields: readonly object[]): string => JSON.stringify({ type: 'record', name: 'R', fields });
  const a = { name: 'a', type: 'int' };
  test.each([
    ['a new field with a default', record(a, { name: 'b', type: 'int', default: 0 }), record(a), true],
    ['a field less', record(a), record(a, { name: 'b', type: 'int' }), true],
    ['a wider number', record({ name: 'a', type: 'long' }), record(a), true],
    ['a renamed field with an alias', record({ name: 'b', aliases: ['a'], type: 'int' }), record(a), true],
    ['a new field without a default', record(a, { name: 'b', type: 'int' }), record(a), false],
    ['a narrower number', record(a), record({ name: 'a', type: 'long' }), false],
    ['a renamed field', record({ name: 'b', type: 'int' }), record(a), false],
    [
      'an enum value less, without a default',
      record({ name: 'a', type: enumOf('X') }),
      record({ name: 'a', type: enumOf('X', 'Y') }),
      false,
    ],
  ])('%s: %#', (_name, reader, writer, readable) => {
    expect(unreadableWriters(reader, { v1: writer }).length === 0).toBe(readable);
  });

  test('names each version that cannot be read, not only the last', () => {
    const reader = record({ name: 'a', type: 'int' });
    const text = record({ name: 'a', type: 'string' });
    expect(unreadableWriters(reader, { v1: text, v2: reader, v3: text })).toEqual([
      expect.stringMatching(/^v1: /),
      expect.stringMatching(/^v3: /),
    ]);
  });
});
