import { describe, expect, test } from '@jest/globals';
import { brokerError, socketError, transportError } from '../../src/kafka/errors.ts';
import type { Recovery } from '../../src/kafka/errors.ts';

const address = { host: '::1', port: 9092 };

describe('broker errors', () => {
  test.each<[number, string, Recovery, boolean]>([
    [6, 'NOT_LEADER_OR_FOLLOWER', 'refresh', true],
    [16, 'NOT_COORDINATOR', 'refresh', true],
    [14, 'COORDINATOR_LOAD_IN_PROGRESS', 'retry', true],
    [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'retry', true],
    [27, 'REBALANCE_IN_PROGRESS', 'rejoin', false],
    [25, 'UNKNOWN_MEMBER_ID', 'rejoin', false],
    [82, 'FENCED_INSTANCE_ID', 'fenced', false],
    [90, 'PRODUCER_FENCED', 'fenced', false],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'fatal', false],
    [-1, 'UNKNOWN_SERVER_ERROR', 'fatal', false],
    [9_999, 'ERROR_9999', 'fatal', false],
  ])('code %i is %s, to be met with %s', (code, reason, recovery, retriable) => {
    expect(brokerError(code, 'test')).toMatchObject({
      code: 'STREAMS_BROKER',
      brokerCode: code,
      reason,
      recovery,
      retriable,
    });
  });

  test('the message says what was asked, where, and what was answered', () => {
    expect(brokerError(10, 'produce', { topic: 't', partition: 3 }).message).toBe(
      'produce of t-3: MESSAGE_TOO_LARGE (10)',
    );
  });
});

describe('transport errors', () => {
  test.each<[string, string, Recovery]>([
    ['KafkaJSConnectionError', 'CONNECTION_FAILED', 'refresh'],
    ['KafkaJSConnectionClosedError', 'CONNECTION_LOST', 'refresh'],
    ['KafkaJSRequestTimeoutError', 'REQUEST_TIMED_OUT', 'refresh'],
    ['KafkaJSSASLAuthenticationError', 'AUTHENTICATION_FAILED', 'fatal'],
    ['ProtocolError', 'UNREADABLE_ANSWER', 'fatal'],
    ['TypeError', 'CLIENT_FAILURE', 'fatal'],
  ])('%s is %s', (name, reason, recovery) => {
    const cause = Object.assign(new Error('why'), { name });
    expect(transportError(cause, address)).toMatchObject({
      reason,
      recovery,
      cause,
      message: `broker [::1]:9092: ${reason}: why`,
    });
  });

  test('one that is already told apart stays as it is', () => {
    const error = brokerError(6, 'test');
    expect(transportError(error, address)).toBe(error);
  });

  test('a refused certificate is fatal, any other failure of a socket passes', () => {
    const error = new Error('self-signed certificate');
    expect(socketError(error, { authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, address)).toMatchObject({
      reason: 'CERTIFICATE_REFUSED',
      recovery: 'fatal',
    });
    expect(socketError(error, { authorizationError: null }, address)).toMatchObject({
      reason: 'CONNECTION_FAILED',
      recovery: 'refresh',
    });
    expect(socketError(error, {}, address)).toMatchObject({ reason: 'CONNECTION_FAILED', recovery: 'refresh' });
  });
});
