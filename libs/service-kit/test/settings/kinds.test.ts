import { describe, expect, it } from '@jest/globals';
import {
  boolean,
  bytes,
  durationMs,
  int,
  json,
  list,
  oneOf,
  optional,
  port,
  secret,
  string,
  url,
  urls,
} from '@playhead/service-kit';
import type { Setting } from '@playhead/service-kit';

const read = (setting: Setting<unknown>, text: string): unknown => {
  try {
    return setting.parse(text);
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
};

describe('kinds of settings', () => {
  const limited = int('', 1, { min: 0, max: 10 });
  const list2 = json('', 'a list', (value) => {
    if (!Array.isArray(value)) throw new Error('no list');
    return value.length;
  });

  it.each<[string, Setting<unknown>, string, unknown]>([
    ['int', limited, '7', 7],
    ['int', limited, '-1', 'refused: less than 0'],
    ['int', limited, '11', 'refused: more than 10'],
    ['int', limited, '1.5', 'refused: not a whole number'],
    ['int', limited, '1e1', 'refused: not a whole number'],
    ['int', int(''), '9007199254740993', 'refused: not a whole number'],
    ['port', port(''), '0', 0],
    ['port', port(''), '65536', 'refused: more than 65535'],
    ['durationMs', durationMs(''), '1500', 1500],
    ['durationMs', durationMs(''), '1.5s', 1500],
    ['durationMs', durationMs(''), '24h', 86_400_000],
    ['durationMs', durationMs(''), '3 weeks', 'refused: not a whole number'],
    ['durationMs', durationMs(''), '1.5', 'refused: not a whole number'],
    ['bytes', bytes(''), '64KiB', 65_536],
    ['bytes', bytes(''), '1 MiB', 1_048_576],
    ['bytes', bytes(''), '1MB', 'refused: not a whole number'],
    ['boolean', boolean(''), 'Yes', true],
    ['boolean', boolean(''), '0', false],
    ['boolean', boolean(''), 'on', 'refused: neither true nor false'],
    ['url', url(''), 'https://kafka.test:8081/x/', 'https://kafka.test:8081/x'],
    ['url', url(''), 'ftp://kafka.test', 'refused: not such an address'],
    ['url', url(''), 'kafka.test:9092', 'refused: not such an address'],
    ['url', url(''), 'https://me:secret@kafka.test', 'refused: an address with a name or password in it'],
    ['urls', urls(''), 'http://a:1/, https://b', ['http://a:1', 'https://b']],
    ['urls', urls(''), 'http://a:1,b:2', 'refused: not such an address'],
    ['urls', urls(''), ' , ', 'refused: an empty list'],
    ['list', list(''), ' a:1, b:2,', ['a:1', 'b:2']],
    ['list', list(''), ' , ', 'refused: an empty list'],
    ['enum', oneOf('', ['plain', 'none']), 'plain', 'plain'],
    ['enum', oneOf('', ['plain', 'none']), 'PLAIN', 'refused: none of them'],
    ['json', list2, '[1,2]', 2],
    ['json', list2, '{}', 'refused: no list'],
    ['secret', secret(''), 'hush', 'hush'],
    ['string', optional(string('')), 'x', 'x'],
  ])('%s: reads %#', (kind, setting, text, expected) => {
    expect(setting.kind).toBe(kind);
    expect(read(setting, text)).toEqual(expected);
  });

  it('says what it allows', () => {
    expect([limited.allowed, int('', 1, { min: 3 }).allowed, port('').allowed, oneOf('', ['a', 'b']).allowed]).toEqual([
      'an integer from 0 to 10',
      'an integer, at least 3',
      'a port from 0 to 65535',
      'one of a, b',
    ]);
  });
});
