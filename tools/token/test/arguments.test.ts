import { describe, expect, it } from '@jest/globals';
import { ArgumentError, readArguments } from '../src/arguments.ts';

const read = (text: string) => readArguments(text === '' ? [] : text.split(' '));
const who = '--tenant demo --account acc-1 --profile p-1 --device tv-1';

describe('arguments of the token tool', () => {
  it('name who and what for', () => {
    expect(read(`${who} --role viewer,operator --max-streams 2 --hours 0.5`)).toEqual({
      tenant: 'demo',
      account: 'acc-1',
      profile: 'p-1',
      device: 'tv-1',
      roles: ['viewer', 'operator'],
      maxStreams: 2,
      lifeMs: 1_800_000,
      ticket: undefined,
    });
    expect(read(`${who} --ticket --content film-1 --kind VOD`).ticket).toEqual({
      content: 'film-1',
      kind: 'VOD',
      title: undefined,
    });
  });

  it.each([
    ['--tenant Demo', '--tenant Demo: allowed is'],
    ['--tenant demo --account a@b.example', '--account a@b.example is an e-mail address'],
    ['--tenant demo --role admin', '--role admin: allowed are viewer, service, operator, analyst'],
    ['--tenant demo --max-streams two', '--max-streams two: allowed is 0 to 9999'],
    ['--tenant demo --hours 0', '--hours 0: allowed is more than 0'],
    ['--tenant demo --hours soon', '--hours soon'],
    ['--tenant demo --ticket --account a', '--ticket needs --profile, --device, --content, --kind too'],
    [`${who} --ticket --content c --kind FILM`, '--kind FILM: allowed are LIVE, VOD, CATCHUP'],
    ['--tenant demo', '--account is missing: a viewer has one'],
    ['--tenant demo --role operator,viewer --profile p-1', '--account is missing'],
    ['--tenannt demo', "Unknown option '--tenannt'"],
    ['--tenant', "Option '--tenant"],
    ['demo', 'Unexpected argument'],
  ])('are refused with a reason: %s', (text, message) => {
    expect(() => read(text)).toThrow(ArgumentError);
    expect(() => read(text)).toThrow(message);
  });
});
