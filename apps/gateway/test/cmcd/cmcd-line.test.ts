import { describe, expect, it } from '@jest/globals';
import { decodeCmcd } from '@svta/cml-cmcd';
import fc from 'fast-check';
import { readCmcdLine } from '../../src/cmcd/cmcd-line.ts';
import { captures, linesOf } from './captures.ts';

describe('readCmcdLine', () => {
  it('reads every captured line as the reporters’ own library does', () => {
    const lines = captures.flatMap(linesOf);
    expect(lines.length).toBeGreaterThan(700);
    for (const line of lines) {
      const read = readCmcdLine(line);
      if (typeof read === 'string') throw new Error(`${read}: ${line}`);
      expect(Object.fromEntries(read)).toEqual(plain(decodeCmcd(line)));
    }
  });

  it.each([
    ['a decimal longer than RFC 8941 allows', 'bl=3961.2200000000003,e=t', { bl: 3961.2200000000003, e: 't' }],
    ['plain numbers where v2 has lists', 'br=54,bl=10400', { br: 54, bl: 10400 }],
    ['lists with parameters', 'br=(40;v 12;a),bl=(0;v 0;a)', { br: [40, 12], bl: [0, 0] }],
    ['a list of texts', 'nor=("a b" "c,d" "e)f")', { nor: ['a b', 'c,d', 'e)f'] }],
    ['a quoted parenthesis after the end of a list, which it once read for ever', 'br=()"a)b"', { br: [] }],
    [
      'an error code as a number, a token and a list',
      'ec=27,x=abc,y=(E1 "E 2")',
      { ec: 27, x: 'abc', y: ['E1', 'E 2'] },
    ],
    ['spaces, empty members and a last comma', ' e=t , ,sn=1, ', { e: 't', sn: 1 }],
    ['bare keys and booleans', 'bg,su=?0,x=?1', { bg: true, su: false, x: true }],
    ['quotes in a text', 'sid="a\\"b,c\\\\"', { sid: 'a"b,c\\' }],
    ['a key given twice', 'sn=1,sn=2', { sn: 2 }],
    ['keys of a custom kind', 'com.example-x=1,e=ce', { 'com.example-x': 1, e: 'ce' }],
    ['parameters of a value', 'e=t;a=b', { e: 't' }],
    ['a negative number', 'dl=-5', { dl: -5 }],
    ['a member of an object’s name', 'constructor=1,__proto__=2', undefined],
  ])('reads %s', (_name, line, expected) => {
    const read = readCmcdLine(line);
    if (expected === undefined) expect(read).toBe('no-key');
    else expect(Object.fromEntries(read as ReadonlyMap<string, unknown>)).toEqual(expected);
  });

  it.each([
    ['', 'no-key'],
    [',,', 'no-key'],
    ['=x', 'no-key'],
    ['{"e":"t"}', 'no-key'],
    ['\u0000\u0001', 'no-key'],
    ['sid="open,e=t', 'unclosed-quote'],
    ['br=(40;v 12;a', 'unclosed-list'],
    [Array.from({ length: 65 }, (_, n) => `k${n}`).join(','), 'too-many-keys'],
  ])('refuses %j: %s', (line, reason) => {
    expect(readCmcdLine(line)).toBe(reason);
  });

  it('ends without throwing, whatever it is given', () => {
    const pieces = fc.constantFrom(
      'e=t',
      'sid="x"',
      'br=(',
      '"',
      '\\',
      '(',
      ')',
      ',',
      ';',
      '=',
      ' ',
      '?1',
      '1.5',
      'é',
      '\u0000',
    );
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const read = readCmcdLine(text);
        expect(typeof read === 'string' || read.size > 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** The library's items without their parameters; its tokens are texts already. */
function plain(decoded: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(decoded).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'object' && value !== null) {
    if ('value' in value) return plainValue(value.value);
    if ('description' in value) return value.description;
  }
  return value;
}
