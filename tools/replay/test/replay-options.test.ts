import { describe, expect, it } from '@jest/globals';
import { ArgumentError, readOptions } from '../src/replay-options.ts';

describe('options of a replay', () => {
  it('have defaults, with the port of the environment', () => {
    expect(readOptions(['a.jsonl', 'b.jsonl.gz'], { GATEWAY_PORT: '9000' })).toEqual({
      files: ['a.jsonl', 'b.jsonl.gz'],
      speed: 1,
      parallel: undefined,
      gateway: 'http://127.0.0.1:9000',
      tenant: 'demo',
    });
  });

  it('can all be given', () => {
    const args = '--speed 2.5 --parallel 3 --gateway https://g.test --tenant t a'.split(' ');
    expect(readOptions(args, {})).toEqual({
      files: ['a'],
      speed: 2.5,
      parallel: 3,
      gateway: 'https://g.test',
      tenant: 't',
    });
  });

  it.each([
    ['', 'which file?'],
    ['--speed 0 a', '--speed 0: allowed is more than 0'],
    ['--speed fast a', '--speed fast'],
    ['--parallel 0 a', '--parallel 0: allowed are whole numbers from 1'],
    ['--parallel 1.5 a', '--parallel 1.5'],
    ['--tenant A a', '--tenant A'],
    ['--gateway here a', '--gateway here'],
    ['--sped 1 a', "Unknown option '--sped'"],
  ])('are refused with a reason: %s', (text, message) => {
    const args = text === '' ? [] : text.split(' ');
    expect(() => readOptions(args, {})).toThrow(ArgumentError);
    expect(() => readOptions(args, {})).toThrow(message);
  });
});
