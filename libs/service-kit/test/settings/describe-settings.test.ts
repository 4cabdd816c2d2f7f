import { describe, expect, it } from '@jest/globals';
import {
  defineSettings,
  describeSettings,
  durationMs,
  int,
  list,
  optional,
  printSettings,
  secret,
  sharedSettings,
  string,
} from '@playhead/service-kit';

const definition = defineSettings({
  A_LIST: list('Some hosts.', ['a', 'b']),
  A_SECRET: secret('A | key.', 'hush'),
  A_LIMIT: int('A limit.', undefined, { min: 1 }),
  A_NAME: optional(string('A name.')),
  A_TIME: durationMs('How long.', 10_000),
});

describe('describeSettings', () => {
  it('is a table of every setting, without secrets', () => {
    expect(describeSettings(definition).split('\n')).toEqual([
      '| Setting | Default | Allowed | What |',
      '|---|---|---|---|',
      '| `A_LIST` | `a,b` | texts separated by commas | Some hosts. |',
      '| `A_SECRET` | `(secret)` | a text | A \\| key. |',
      '| `A_LIMIT` | required | an integer, at least 1 | A limit. |',
      '| `A_NAME` | – | a text | A name. |',
      '| `A_TIME` | `10000` | milliseconds, or a number with ms, s, m, h or d | How long. |',
    ]);
  });

  it('has a line of documentation for every shared setting', () => {
    const undocumented = Object.entries(sharedSettings).filter(([, { doc }]) => !/^[A-Z].{10,}\.$/.test(doc));
    expect(undocumented).toEqual([]);
  });
});

describe('printSettings', () => {
  it('prints values that could be given back, and hides secrets', () => {
    const values = { A_LIST: ['x', 'y'], A_SECRET: 'hush', A_LIMIT: 3, A_NAME: undefined, A_TIME: 5 };
    expect(printSettings(definition, values).split('\n')).toEqual([
      'A_LIST=x,y',
      'A_SECRET=(secret)',
      'A_LIMIT=3',
      'A_NAME=',
      'A_TIME=5',
    ]);
  });
});
