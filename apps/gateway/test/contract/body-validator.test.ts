import { describe, expect, it } from '@jest/globals';
import type { Problem } from '@playhead/service-kit';
import { BodyValidator, parseJson } from '../../src/contract/body-validator.ts';
import { count, object } from '../../src/contract/field-schemas.ts';

const names = ['a', 'b', 'c'];
const schema = object(Object.fromEntries(names.map((name) => [name, count('A number.')])), []);

function startValidator() {
  let unknown = 0;
  const validator = new BodyValidator<Record<string, unknown>>(schema, { onUnknownField: () => unknown++ });
  return { validator, unknown: () => unknown };
}

describe('BodyValidator', () => {
  it('counts every field that the schema does not name', () => {
    const { validator, unknown } = startValidator();
    const items = [
      { a: 1, b: 2 },
      { b: 1, x: 1, a: 2 },
      { x: 1, y: 1 },
      { a: 1, b: 2 },
      { c: 1, y: 1, a: 1, b: 1 },
    ];
    const expected = [0, 1, 3, 3, 4];
    for (const [at, item] of items.entries()) {
      validator.one(item);
      expect(unknown()).toBe(expected[at]);
    }
    validator.oneOrMany(items);
    expect(unknown()).toBe(8);
  });

  it('names the place of each wrong item', () => {
    const { validator } = startValidator();
    let pointers: unknown;
    try {
      validator.oneOrMany([{ a: 1 }, { a: -1 }, { b: 'x' }]);
    } catch (error) {
      pointers = (error as Problem).document.errors?.map(({ pointer }) => pointer);
    }
    expect(pointers).toEqual(['/1/a', '/2/b']);
  });

  it('refuses a body with more wrong items than a call takes arguments, which was answered 500', () => {
    const list = object({ ids: { type: 'array', items: { type: 'string' } } }, []);
    const validator = new BodyValidator<object>(list, { onUnknownField: () => undefined });
    const ids = Array.from({ length: 200_000 }, () => 0);
    expect(() => validator.one({ ids })).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('parseJson', () => {
  it('reads ASCII and everything else alike', () => {
    for (const text of ['{"a":"plain"}', '{"a":"ü – 😀"}', '"\\u00fc"']) {
      expect(parseJson(Buffer.from(text))).toEqual(JSON.parse(text));
    }
  });
});
