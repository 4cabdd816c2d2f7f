import { expect, test } from '@jest/globals';
import { table } from '../src/table.ts';

test('a cell is the name of the test, marked where it failed or was skipped, and a dash where there is none', () => {
  const text = table(
    ['codecs', 'admin'],
    ['kcat', 'java'],
    [
      { client: 'kcat', capability: 'codecs', name: 'all-five', outcome: 'passed' },
      { client: 'java', capability: 'codecs', name: 'all-five', outcome: 'failed' },
      { client: 'java', capability: 'admin', name: 'topics', outcome: 'skipped' },
    ],
  );
  expect(text.split('\n')).toEqual([
    '|        | kcat     | java            |',
    '|--------|----------|-----------------|',
    '| codecs | all-five | FAILED all-five |',
    '| admin  | –        | skipped topics  |',
  ]);
});
