import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolutionFaults } from '../../src/schema-registry/avro-resolution.ts';
import { avroTypeOf, type Json } from '../../src/schema-registry/avro-type.ts';

/** Schemas at random and what Avro's Java 1.12.0 (SchemaCompatibility) says about them. */
interface Verdict {
  readonly reader: Json;
  readonly writer: Json;
  /** The reasons why the reader cannot read the writer; none when it can. */
  readonly problems: readonly string[];
}

const verdicts = readFileSync(join(import.meta.dirname, '../fixtures/avro-java-resolution.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Verdict);

const problemsOf = (reader: Json, writer: Json): string[] =>
  resolutionFaults(avroTypeOf(reader), avroTypeOf(writer)).map(({ problem }) => problem);

describe("resolution agrees with Avro's Java", () => {
  test('there is something to agree on, of every kind', () => {
    expect(new Set(verdicts.flatMap(({ problems }) => problems)).size).toBeGreaterThanOrEqual(6);
    expect(verdicts.filter(({ problems }) => problems.length === 0).length).toBeGreaterThan(20);
  });

  test('on every pair', () => {
    const other = verdicts.filter(({ reader, writer, problems }) => {
      const found = new Set(problemsOf(reader, writer));
      return found.size > 0 !== problems.length > 0 || !problems.every((problem) => found.has(problem));
    });
    expect(other).toEqual([]);
  });
});

describe('names', () => {
  const named = (name: string, more: { readonly [attribute: string]: Json } = {}): Json => ({
    type: 'record',
    name,
    fields: [],
    ...more,
  });
  test.each<[string, Json, Json, boolean]>([
    ['match whatever their namespace is', named('R', { namespace: 'new' }), named('R', { namespace: 'old' }), true],
    ['do not match when they differ', named('S'), named('R'), false],
    ['match by an alias', named('S', { aliases: ['R'] }), named('R'), true],
    ['match by an alias in their own namespace', named('x.S', { aliases: ['R'] }), named('x.R'), true],
    ['do not match by an alias of another namespace', named('q.S', { aliases: ['R'] }), named('R'), false],
  ])('%s', (_rule, reader, writer, readable) => {
    expect(problemsOf(reader, writer)).toEqual(readable ? [] : ['NAME_MISMATCH']);
  });
});

test('a fault says where it is in the reader and what is there', () => {
  const reader: Json = {
    type: 'record',
    name: 'R',
    fields: [{ name: 'list', type: { type: 'array', items: { type: 'fixed', name: 'F', size: 3 } } }],
  };
  const writer: Json = {
    type: 'record',
    name: 'R',
    fields: [{ name: 'list', type: { type: 'array', items: { type: 'fixed', name: 'F', size: 2 } } }],
  };
  expect(resolutionFaults(avroTypeOf(reader), avroTypeOf(writer))).toEqual([
    { problem: 'FIXED_SIZE_MISMATCH', path: '/fields/0/type/items/size', detail: 'expected 3, found 2' },
  ]);
});
