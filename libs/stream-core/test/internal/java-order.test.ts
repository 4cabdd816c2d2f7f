import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { javaHashOrder, javaStringHash } from '../../src/internal/java-hash-order.ts';
import { JavaTreeOrder } from '../../src/internal/java-tree-order.ts';

describe('java.lang.String#hashCode', () => {
  test.each([
    { text: '', hash: 0 },
    { text: 'a', hash: 97 },
    { text: 'hello', hash: 99_162_322 },
  ])('of "$text" is $hash', ({ text, hash }) => {
    expect(javaStringHash(text)).toBe(hash);
  });

  test('is the sum over its UTF-16 units, in 32 bits', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }), (units) => {
        const text = String.fromCharCode(...units);
        let exact = 0n;
        for (let i = 0; i < text.length; i++) exact = BigInt.asIntN(32, exact * 31n + BigInt(text.charCodeAt(i)));
        expect(javaStringHash(text)).toBe(Number(exact));
      }),
    );
  });
});

describe('the iteration order of a java.util.HashSet', () => {
  test('goes by bucket: the low bits of the spread hash', () => {
    // "a" is 97 = bucket 1 of 16, "p" is 112 = bucket 0, "b" is 98 = bucket 2.
    expect(javaHashOrder(['b', 'a', 'p'])).toEqual(['p', 'a', 'b']);
  });

  test('keeps the order of insertion within a bucket, and one of each text', () => {
    expect(javaHashOrder(['q', 'a', 'q'])).toEqual(['q', 'a']);
    expect(javaHashOrder(['a', 'q'])).toEqual(['a', 'q']);
  });

  test('has twice the buckets beyond three quarters of them', () => {
    const letters = 'abcdefghijklmnopq'.split('');
    // 17 letters, 32 buckets: "a" = 1 … "q" = 17, so no two share one.
    expect(javaHashOrder([...letters].reverse())).toEqual(letters);
  });
});

describe('the order of a java.util.TreeSet', () => {
  test('is sorted while the comparator does not change', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        const tree = new JavaTreeOrder<number>((a, b) => a - b);
        for (const value of values) tree.add(value);
        expect(tree.values()).toEqual([...new Set(values)].sort((a, b) => a - b));
      }),
    );
  });

  test('of a comparator that changes is the one of the red-black tree', () => {
    const weights = new Map([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    const weight = (name: string): number => weights.get(name) as number;
    const tree = new JavaTreeOrder<string>((a, b) => weight(b) - weight(a) || (a < b ? -1 : a > b ? 1 : 0));
    for (const name of ['a', 'b', 'c']) tree.add(name);
    weights.set('c', 9);
    weights.set('d', 5);
    tree.add('d');
    // Lighter than "c", but the tree asks its root "b" and then "a" only.
    expect(tree.values()).toEqual(['d', 'a', 'b', 'c']);
  });
});
