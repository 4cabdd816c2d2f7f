import { describe, expect, test } from '@jest/globals';
import { parseSchema } from '../../src/schema-registry/canonical-schema.ts';
import { COMPATIBILITY_LEVELS, compatibilityProblems } from '../../src/schema-registry/compatibility.ts';
import type { CompatibilityLevel } from '../../src/schema-registry/compatibility.ts';
import { record } from './registry-client.ts';

const parse = (schema: unknown): ReturnType<typeof parseSchema> => parseSchema(JSON.stringify(schema));
const compatible = (level: CompatibilityLevel, candidate: unknown, ...earlier: readonly unknown[]): boolean =>
  compatibilityProblems(
    level,
    parse(candidate),
    earlier.map((schema, index) => ({ version: index + 1, schema: parse(schema) })),
  ).length === 0;

const b = { name: 'b', type: 'int', default: 0 };

describe('the seven levels', () => {
  // Which levels allow the last schema after the others.
  test.each<[string, readonly unknown[], string]>([
    ['the same schema', [record('a'), record('a')], 'N B BT F FT U UT'],
    ['a new field with a default', [record('a'), record('a', b)], 'N B BT F FT U UT'],
    ['a new field without one', [record('a'), record('a', 'b')], 'N F FT'],
    ['a field less that had no default', [record('a', 'b'), record('a')], 'N B BT'],
    ['a field less that had one', [record('a', b), record('a')], 'N B BT F FT U UT'],
    ['a wider type', [record('a'), record({ name: 'a', type: 'long' })], 'N B BT'],
    ['a narrower type', [record({ name: 'a', type: 'long' }), record('a')], 'N F FT'],
    ['another type', [record('a'), record({ name: 'a', type: 'boolean' })], 'N'],
    ['reads the last, not the first', [record('a'), record('a', b), record('a', 'b')], 'N B F FT U'],
    ['is read by the last, not by the first', [record('a', 'b'), record('a', b), record('a')], 'N B BT F U'],
  ])('%s', (_name, schemas, allowed) => {
    const short: Record<CompatibilityLevel, string> = {
      NONE: 'N',
      BACKWARD: 'B',
      BACKWARD_TRANSITIVE: 'BT',
      FORWARD: 'F',
      FORWARD_TRANSITIVE: 'FT',
      FULL: 'U',
      FULL_TRANSITIVE: 'UT',
    };
    const levels = COMPATIBILITY_LEVELS.filter((level) => compatible(level, schemas.at(-1), ...schemas.slice(0, -1)));
    expect(levels.map((level) => short[level]).join(' ')).toBe(allowed);
  });
});

describe("Avro's schema resolution, reader after writer", () => {
  const enumOf = (symbols: readonly string[], fallback?: string): object => ({
    type: 'enum',
    name: 'E',
    symbols,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
  const fixed = (name: string, size: number): object => ({ type: 'fixed', name, size });
  test.each<[string, unknown, unknown, boolean]>([
    ['int to long', 'int', 'long', true],
    ['int to double', 'int', 'double', true],
    ['long to float', 'long', 'float', true],
    ['float to long', 'float', 'long', false],
    ['string to bytes', 'string', 'bytes', true],
    ['bytes to string', 'bytes', 'string', true],
    ['a symbol more', enumOf(['A']), enumOf(['A', 'B']), true],
    ['a symbol less', enumOf(['A', 'B']), enumOf(['A']), false],
    ['a symbol less with a default', enumOf(['A', 'B']), enumOf(['A'], 'A'), true],
    ['a type into a union', 'int', ['null', 'int'], true],
    ['a union into a type', ['null', 'int'], 'int', false],
    ['a branch more', ['null', 'int'], ['null', 'int', 'string'], true],
    ['a branch less', ['null', 'int', 'string'], ['null', 'int'], false],
    ['items of an array', { type: 'array', items: 'int' }, { type: 'array', items: 'long' }, true],
    ['values of a map', { type: 'map', values: 'string' }, { type: 'map', values: 'int' }, false],
    ['another size', fixed('F', 2), fixed('F', 3), false],
    ['another name', fixed('F', 2), fixed('G', 2), false],
    ['a field by its alias', record('a'), record({ name: 'b', type: 'int', aliases: ['a'] }), true],
    ['a renamed field', record('a'), record('b'), false],
    ['a record by its alias', record('a'), { ...record('a'), name: 'S', aliases: ['R'] }, true],
    ['a renamed record', record('a'), { ...record('a'), name: 'S' }, false],
  ])('%s', (_name, writer, reader, readable) => {
    expect(compatible('BACKWARD', reader, writer)).toBe(readable);
    expect(compatible('FORWARD', writer, reader)).toBe(readable);
  });

  test('a record that contains itself', () => {
    const list = (type: string): object =>
      record({ name: 'value', type }, { name: 'next', type: ['null', 'R'], default: null });
    expect(compatible('BACKWARD', list('long'), list('int'))).toBe(true);
    expect(compatible('BACKWARD', list('int'), list('long'))).toBe(false);
  });
});

test('the problems name the versions, the newest first', () => {
  const problems = compatibilityProblems('FULL_TRANSITIVE', parse(record({ name: 'a', type: 'boolean' })), [
    { version: 1, schema: parse(record('a')) },
    { version: 4, schema: parse(record({ name: 'a', type: 'long' })) },
  ]);
  expect(problems.map((problem) => /^reader: .*, writer: (?:new|version \d+)/.exec(problem)?.[0])).toEqual([
    'reader: new, writer: version 4',
    'reader: version 4, writer: new',
    'reader: new, writer: version 1',
    'reader: version 1, writer: new',
  ]);
});
