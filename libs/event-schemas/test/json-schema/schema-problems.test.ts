import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemaProblems } from '../../src/index.ts';

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
const text = { type: 'string', minLength: 2, maxLength: 4, not: { pattern: '^ *$' } };
const validate = ajv.compile({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: text,
    kind: { type: 'string', enum: ['LIVE', 'VOD'] },
    list: { type: 'array', items: text, minItems: 1, maxItems: 2 },
    max: {
      anyOf: [
        { type: 'integer', minimum: 0 },
        { type: 'object', additionalProperties: false, properties: { from: { enum: ['a', 'b'] } }, required: ['from'] },
        { type: 'string', enum: ['none', 'all'] },
      ],
    },
  },
});

const said = (value: unknown): readonly string[] => {
  validate(value);
  return schemaProblems(validate.errors ?? [], '/0').map(
    ({ pointer, code, detail }) => `${pointer} ${detail} [${code}]`,
  );
};

test.each<[string, object, readonly string[]]>([
  ['a field that is missing', {}, ['/0/name is missing [required]']],
  ['a field that is not known', { name: 'ab', 'na/me': 1 }, ['/0/na~1me is not known [additionalProperties]']],
  ['a blank text', { name: '  ' }, ['/0/name is blank [pattern]']],
  ['a number, which was called blank', { name: 5 }, ['/0/name must be string, not 5 [type]']],
  ['null, which was called blank', { name: null }, ['/0/name must be string, not null [type]']],
  ['a short text', { name: 'a' }, ['/0/name must have at least 2 characters, not "a" [minLength]']],
  [
    'a long text',
    { name: 'a'.repeat(99) },
    [`/0/name must have at most 4 characters, not "${'a'.repeat(59)}… [maxLength]`],
  ],
  ['a word of no list', { name: 'ab', kind: 'X' }, ['/0/kind must be one of LIVE, VOD, not "X" [enum]']],
  ['an empty list', { name: 'ab', list: [] }, ['/0/list must have at least 1 item, not an array of 0 [minItems]']],
  ['a bound of a form', { name: 'ab', max: -1 }, ['/0/max must be >= 0, not -1 [minimum]']],
  [
    'none of the forms',
    { name: 'ab', max: true },
    ['/0/max must be an integer or {"from": …} or "none" or "all", not true [anyOf]'],
  ],
  [
    'a form with another member',
    { name: 'ab', max: { form: 'a' } },
    ['/0/max must be an integer or {"from": …} or "none" or "all", not an object [anyOf]'],
  ],
  [
    'what is wrong within a form',
    { name: 'ab', max: { from: 'c' } },
    ['/0/max/from must be one of a, b, not "c" [enum]'],
  ],
])('%s is said once, at its place', (_name, value, expected) => {
  expect(said(value)).toEqual(expected);
});

test('what has none of two lists of forms is told of both', () => {
  expect(said({ max: true, list: 'x' })).toEqual([
    '/0/name is missing [required]',
    '/0/list must be array, not "x" [type]',
    '/0/max must be an integer or {"from": …} or "none" or "all", not true [anyOf]',
  ]);
});

const validateList = ajv.compile({ type: 'array', items: validate.schema as object });
const saidOfList = (value: readonly object[]): readonly string[] => {
  validateList(value);
  return schemaProblems(validateList.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
};

test('items with the same mistake in one of their forms were each taken for what the other had said', () => {
  const wrong = { name: 'ab', max: { from: 'c' } };
  expect(saidOfList([wrong, wrong, { name: 'ab', max: true }])).toEqual([
    '/0/max/from must be one of a, b, not "c"',
    '/1/max/from must be one of a, b, not "c"',
    '/2/max must be an integer or {"from": …} or "none" or "all", not true',
  ]);
});

test('a list of wrong items had each of its errors held against all the others', () => {
  validateList(Array.from({ length: 2000 }, () => ({ name: 'ab', max: true })));
  let reads = 0;
  const errors = (validateList.errors ?? []).map((error) => ({
    ...error,
    get schemaPath() {
      reads++;
      return error.schemaPath;
    },
  }));
  expect(schemaProblems(errors)).toHaveLength(2000);
  expect(reads).toBeLessThan(10 * errors.length);
});
