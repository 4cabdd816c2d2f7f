import { describe, expect, it } from '@jest/globals';
import { ArgumentError, readOptions } from '../src/simulation-options.ts';

describe('options of the simulation', () => {
  it('have defaults, with the port of the environment', () => {
    expect(readOptions([], { GATEWAY_PORT: '9000' })).toEqual({
      gateway: 'http://127.0.0.1:9000',
      tenant: 'demo',
      viewers: 200,
      seed: expect.stringMatching(/^[0-9a-f]{8}$/),
      durationMs: undefined,
      arrivalMs: 10_000,
    });
  });

  it('can all be given', () => {
    const text = '--gateway https://g.test/ --tenant t --viewers 3 --seed x --duration 5s --arrival 0';
    const options = { gateway: 'https://g.test', tenant: 't', viewers: 3, seed: 'x', durationMs: 5000, arrivalMs: 0 };
    expect(readOptions(text.split(' '), {})).toEqual(options);
  });

  it('turn beats a second into viewers', () => {
    expect(readOptions(['--rate', '75'], {}).viewers).toBe(1000);
  });

  it.each([
    ['--viewers 0', '--viewers 0: allowed are whole numbers from 1 to 100000'],
    ['--viewers 1.5', '--viewers 1.5'],
    ['--rate 0', '--rate 0: allowed is more than 0'],
    ['--rate 1 --viewers 2', 'give one of them'],
    ['--tenant A/B', '--tenant A/B'],
    ['--gateway here', '--gateway here: not such an address'],
    ['--duration soon', '--duration soon: not a whole number'],
    ['--speed 2', "Unknown option '--speed'"],
  ])('are refused with a reason: %s', (text, message) => {
    expect(() => readOptions(text.split(' '), {})).toThrow(ArgumentError);
    expect(() => readOptions(text.split(' '), {})).toThrow(message);
  });
});
