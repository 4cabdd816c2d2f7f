import { expect, test } from '@jest/globals';
import { nearName } from '../../src/internal/near-name.ts';

const settings = ['commitRecords', 'commitBytes', 'commitIntervalMs', 'ssl', 'sasl', 'brokers'];

test.each([
  ['comitIntervalMs', 'commitIntervalMs'],
  ['commit.interval.ms', 'commitIntervalMs'],
  ['COMMIT_BYTES', 'commitBytes'],
  ['comitBites', 'commitBytes'],
  ['sasll', 'sasl'],
  ['broker', 'brokers'],
])('%s is near %s', (name, meant) => {
  expect(nearName(name, settings)).toBe(meant);
});

test.each([['tl'], ['commits'], ['interval'], ['']])('%j is near nothing', (name) => {
  expect(nearName(name, settings)).toBeUndefined();
});
