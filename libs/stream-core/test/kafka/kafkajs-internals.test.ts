import { describe, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import Connection from 'kafkajs/src/network/connection.js';
import createSocketFactory from 'kafkajs/src/network/socketFactory.js';
import loggers from 'kafkajs/src/loggers/index.js';

const version = (createRequire(import.meta.url)('kafkajs/package.json') as { version: string }).version;

function makeConnection(): Connection {
  return new Connection({
    host: '127.0.0.1',
    port: 1,
    ssl: null,
    sasl: null,
    clientId: 'test',
    logger: loggers.createLogger({ level: loggers.LEVELS.NOTHING, logCreator: () => () => undefined }),
    socketFactory: createSocketFactory(),
    connectionTimeout: 1_000,
    requestTimeout: 1_000,
  });
}

describe('what we use of the inside of kafkajs', () => {
  test('is the version whose inside was read', () => {
    expect(version).toBe('2.2.4');
  });

  test.each([
    'connect',
    'isConnected',
    'isAuthenticated',
    'authenticate',
    'setVersions',
    'setSupportAuthenticationProtocol',
    'nextCorrelationId',
  ] as const)('Connection has the method %s', (method) => {
    expect(makeConnection()[method]).toBeInstanceOf(Function);
  });

  test.each([
    'push',
    'rejectAll',
    'destroy',
    'maybeThrottle',
    'checkPendingRequests',
    'scheduleCheckPendingRequests',
  ] as const)('its request queue has the method %s', (method) => {
    expect(makeConnection().requestQueue[method]).toBeInstanceOf(Function);
  });

  test('its request queue has the fields that the timer override reads', () => {
    const queue = makeConnection().requestQueue;
    expect(queue).toMatchObject({ pending: [], throttledUntil: -1, throttleCheckTimeoutId: null });
    expect(queue.inflight).toBeInstanceOf(Map);
  });

  test('correlation ids count from 0', () => {
    const connection = makeConnection();
    expect([connection.nextCorrelationId(), connection.nextCorrelationId()]).toEqual([0, 1]);
  });

  test('a fresh connection is neither connected nor authenticated', () => {
    const connection = makeConnection();
    expect([connection.isConnected(), connection.isAuthenticated(), connection.socket]).toEqual([
      false,
      false,
      undefined,
    ]);
  });
});
