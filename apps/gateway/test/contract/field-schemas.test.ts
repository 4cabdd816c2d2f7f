import { expect, test } from '@jest/globals';
import { contentId, title } from '../../src/contract/field-schemas.ts';

const LAST_CODE_POINT = 0x10ffff;

test('schemathesis could make no values of a pattern with classes by name: spelt out, it allows the same', () => {
  const byName = /^[^\p{Cc}\p{Cs}]*$/u;
  for (const { pattern } of [title('Title.', 10), contentId('Content.')]) {
    const spelt = new RegExp(pattern!, 'u');
    const differing: number[] = [];
    for (let code = 0; code <= LAST_CODE_POINT; code++) {
      const text = String.fromCodePoint(code);
      if (spelt.test(text) !== byName.test(text)) differing.push(code);
    }
    expect(differing).toEqual([]);
  }
});
