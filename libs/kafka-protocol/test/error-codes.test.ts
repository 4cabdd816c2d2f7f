import { expect, test } from '@jest/globals';
import { ErrorCode, errorName, isRetriable } from '../src/index.ts';

test('codes have Kafka’s numbers and names', () => {
  expect(ErrorCode).toMatchObject({
    UNKNOWN_SERVER_ERROR: -1,
    NONE: 0,
    MESSAGE_TOO_LARGE: 10,
    ILLEGAL_GENERATION: 22,
    UNKNOWN_MEMBER_ID: 25,
    REBALANCE_IN_PROGRESS: 27,
    UNSUPPORTED_VERSION: 35,
    INVALID_PRODUCER_EPOCH: 47,
    MEMBER_ID_REQUIRED: 79,
    FENCED_INSTANCE_ID: 82,
    INVALID_RECORD: 87,
    UNSTABLE_OFFSET_COMMIT: 88,
  });
  expect(errorName(27)).toBe('REBALANCE_IN_PROGRESS');
  expect(errorName(-1)).toBe('UNKNOWN_SERVER_ERROR');
});

test('a code that came after the table still has a name', () => {
  expect(errorName(9999)).toBe('ERROR_9999');
  expect(isRetriable(9999)).toBe(false);
});

test('no two names share a number', () => {
  const numbers = Object.values(ErrorCode);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test.each([
  ['NOT_LEADER_OR_FOLLOWER', true],
  ['COORDINATOR_LOAD_IN_PROGRESS', true],
  ['CONCURRENT_TRANSACTIONS', true],
  ['UNSTABLE_OFFSET_COMMIT', true],
  ['NONE', false],
  ['ILLEGAL_GENERATION', false],
  ['FENCED_INSTANCE_ID', false],
  ['MESSAGE_TOO_LARGE', false],
] as const)('%s is retriable: %s', (name, expected) => {
  expect(isRetriable(ErrorCode[name])).toBe(expected);
});
