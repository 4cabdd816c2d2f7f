import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { apiVersionsApi, initProducerIdApi, saslAuthenticateApi, saslHandshakeApi } from '@playhead/kafka-protocol';
import { calls } from '../../src/kafka/calls.ts';
import { BrokerConnection } from '../../src/kafka/connection.ts';
import type { BrokerConnectionOptions } from '../../src/kafka/connection.ts';
import { until } from './support/deadline.ts';
import { failure } from './support/failure.ts';
import { Fault, ScriptedBroker } from './support/scripted-broker.ts';

const initProducerId = { transactionalId: null, transactionTimeoutMs: 1_000 };

let broker: ScriptedBroker;
let connections: BrokerConnection[];

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  connections = [];
});

afterEach(async () => {
  for (const connection of connections) connection.close();
  await broker.close();
});

function dial(options: Partial<BrokerConnectionOptions> = {}, port = broker.port): BrokerConnection {
  const connection = new BrokerConnection({ host: '127.0.0.1', port }, { clientId: 'test', ...options });
  connections.push(connection);
  return connection;
}

describe('a connection', () => {
  test('sends requests in the order of the calls and gives each its own answer', async () => {
    const connection = dial();
    await connection.open();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => connection.send(calls.initProducerId, initProducerId)),
    );
    expect(answers.map(({ producerId }) => producerId)).toEqual(Array.from({ length: 20 }, (_, i) => 1_000 + i));
  });

  test('sets no timer while nothing is throttled (kafkajs re-arms one every millisecond)', async () => {
    const connection = dial();
    await connection.open();
    await connection.send(calls.initProducerId, initProducerId);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 5; i++) await connection.send(calls.initProducerId, initProducerId);
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });

  test('turns off Nagle’s algorithm', async () => {
    const setNoDelay = jest.spyOn(Socket.prototype, 'setNoDelay');
    await dial().open();
    expect(setNoDelay).toHaveBeenCalledWith(true);
    setNoDelay.mockRestore();
  });

  test('destroys its socket when a request times out, because the answer could still come', async () => {
    broker.on(initProducerIdApi, () => Fault.NO_ANSWER);
    const connection = dial({ requestTimeoutMs: 1_000 });
    await connection.open();
    const error = await failure(connection.send(calls.initProducerId, initProducerId));
    expect([error.reason, error.recovery]).toEqual(['REQUEST_TIMED_OUT', 'refresh']);
    expect(connection.isOpen).toBe(false);
    await until('the broker sees the socket closed', () => broker.openSockets === 0);
  });

  test('rejects everything that waits when it is closed', async () => {
    broker.on(initProducerIdApi, () => Fault.NO_ANSWER);
    const connection = dial();
    await connection.open();
    const pending = [1, 2, 3].map(() => failure(connection.send(calls.initProducerId, initProducerId)));
    connection.close();
    expect((await Promise.all(pending)).map(({ reason }) => reason)).toEqual(Array(3).fill('CLIENT_CLOSED'));
    expect((await failure(connection.send(calls.initProducerId, initProducerId))).reason).toBe('CLIENT_CLOSED');
  });

  test('rejects everything that waits when the broker drops the socket, and is closed before anyone can retry on it', async () => {
    broker.on(initProducerIdApi, () => Fault.NO_ANSWER);
    const connection = dial();
    await connection.open();
    const wasOpen: boolean[] = [];
    const pending = [1, 2].map(() =>
      failure(connection.send(calls.initProducerId, initProducerId).finally(() => wasOpen.push(connection.isOpen))),
    );
    await until('the broker has a request', () => broker.received(initProducerIdApi).length > 0);
    broker.dropAllSockets();
    expect((await Promise.all(pending)).map(({ recovery }) => recovery)).toEqual(['refresh', 'refresh']);
    expect(wasOpen).toEqual([false, false]);
  });

  test('closes when an answer cannot be read', async () => {
    // Two bytes where the table of the client expects eight.
    broker.on(apiVersionsApi, () => ({ errorCode: 0, apiKeys: [{ apiKey: 22, minVersion: 0, maxVersion: 1 }] }));
    const { api, min, max } = calls.initProducerId;
    const longer = { api: { ...api, response: calls.describeConfigs.api.response }, min, max };
    const connection = dial();
    await connection.open();
    broker.on(initProducerIdApi, () => ({ errorCode: -1, producerId: -1, producerEpoch: -1 }));
    const error = await failure(connection.send(longer, initProducerId));
    expect([error.reason, error.recovery]).toEqual(['UNREADABLE_ANSWER', 'fatal']);
    expect(connection.isOpen).toBe(false);
  });

  test('a request that has no form on the wire was called an answer that cannot be read', async () => {
    const connection = dial();
    await connection.open();
    const nameless = { ...initProducerId, transactionTimeoutMs: undefined as never };
    const error = await failure(connection.send(calls.initProducerId, nameless));
    expect(error).toMatchObject({ code: 'STREAMS_BROKER', reason: 'UNWRITABLE_REQUEST', recovery: 'fatal' });
    expect(error.message).toMatch(/InitProducerId version \d for broker .* cannot be written: transactionTimeoutMs/);
    expect(connection.isOpen).toBe(true);
    expect(await connection.send(calls.initProducerId, initProducerId)).toMatchObject({ errorCode: 0 });
  });

  test('says which versions are missing when a broker cannot do what is needed', async () => {
    broker.on(apiVersionsApi, () => ({ errorCode: 0, apiKeys: [{ apiKey: 22, minVersion: 4, maxVersion: 9 }] }));
    const connection = dial();
    await connection.open();
    const tooNew = await failure(connection.send(calls.initProducerId, initProducerId));
    expect(tooNew).toMatchObject({ reason: 'UNSUPPORTED_VERSION', recovery: 'fatal' });
    expect(tooNew.message).toContain('InitProducerId: this client needs a version from 0 to 1');
    expect(tooNew.message).toContain('offers 4 to 9');
    const absent = await failure(connection.send(calls.fetch, { maxWaitMs: 0, minBytes: 1, topics: [] }));
    expect(absent.message).toContain('Fetch: this client needs a version from 4 to 11');
    expect(absent.message).toContain('does not offer it');
  });

  test('holds requests back while the broker throttles and sends them in order afterwards', async () => {
    let throttleTimeMs = 300;
    broker.on(initProducerIdApi, () => ({
      errorCode: 0,
      producerId: broker.received(initProducerIdApi).length,
      producerEpoch: 0,
      throttleTimeMs,
    }));
    const throttled = dial();
    const other = dial();
    await Promise.all([throttled.open(), other.open()]);
    await throttled.send(calls.initProducerId, initProducerId);
    throttleTimeMs = 0;
    const held = [
      throttled.send(calls.initProducerId, initProducerId),
      throttled.send(calls.initProducerId, initProducerId),
    ];
    expect((await other.send(calls.initProducerId, initProducerId)).producerId).toBe(2);
    expect((await Promise.all(held)).map(({ producerId }) => producerId)).toEqual([3, 4]);
  });

  test.each([
    [
      'refuses',
      async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const { port } = server.address() as AddressInfo;
        await new Promise((resolve) => server.close(resolve));
        return { port, close: async () => undefined };
      },
    ],
    [
      'ends the socket during the TLS handshake',
      async () => {
        const server = createServer((socket) =>
          socket
            .on('error', () => undefined)
            .resume()
            .end(),
        );
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return {
          port: (server.address() as AddressInfo).port,
          close: () => new Promise((resolve) => server.close(resolve)),
        };
      },
    ],
  ])('rejects open when the peer %s', async (_what, listen) => {
    const peer = await listen();
    const error = await failure(dial({ ssl: true }, peer.port).open());
    expect([error.code, error.recovery]).toEqual(['STREAMS_BROKER', 'refresh']);
    await peer.close();
  });

  test('rejects open when the broker accepts and then says nothing', async () => {
    broker.on(apiVersionsApi, () => Fault.NO_ANSWER);
    const error = await failure(dial({ connectionTimeoutMs: 50 }).open());
    expect([error.reason, error.recovery]).toEqual(['CONNECTION_FAILED', 'refresh']);
  });

  test('rejects open when the peer never answers the dial', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const connection = dial({ ssl: true, connectionTimeoutMs: 50 }, (silent.address() as AddressInfo).port);
    expect((await failure(connection.open())).recovery).toBe('refresh');
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('SASL', () => {
  const passwords = (): string[] =>
    broker
      .received(saslAuthenticateApi)
      .map(({ body }) => (body as { authBytes: Buffer }).authBytes.toString().split('\0')[2] ?? '');

  beforeEach(() => {
    broker.on(saslHandshakeApi, () => ({ errorCode: 0, mechanisms: ['PLAIN'] }));
    broker.on(saslAuthenticateApi, () => ({
      errorCode: 0,
      errorMessage: null,
      authBytes: Buffer.alloc(0),
      sessionLifetimeMs: 0,
    }));
  });

  test('leaves the caller’s options alone, so that a changed password is used by the next connection', async () => {
    const sasl = { mechanism: 'plain', username: 'gateway', password: 'first' } as const;
    await dial({ sasl }).open();
    expect(sasl).toEqual({ mechanism: 'plain', username: 'gateway', password: 'first' });
    await dial({ sasl: { ...sasl, password: 'second' } }).open();
    expect(passwords()).toEqual(['first', 'second']);
  });

  test('a wrong password is fatal', async () => {
    broker.on(saslAuthenticateApi, () => ({
      errorCode: 58,
      errorMessage: 'no',
      authBytes: Buffer.alloc(0),
      sessionLifetimeMs: 0,
    }));
    const error = await failure(dial({ sasl: { mechanism: 'plain', username: 'gateway', password: 'wrong' } }).open());
    expect([error.reason, error.recovery]).toEqual(['AUTHENTICATION_FAILED', 'fatal']);
  });

  test('a socket that is lost during the handshake is no wrong password', async () => {
    broker.on(saslAuthenticateApi, () => Fault.DROP);
    const error = await failure(dial({ sasl: { mechanism: 'plain', username: 'gateway', password: 'first' } }).open());
    expect(error.recovery).toBe('refresh');
  });

  test('a handshake that is not answered in time is no wrong password', async () => {
    broker.on(saslAuthenticateApi, () => Fault.NO_ANSWER);
    const sasl = { mechanism: 'plain', username: 'gateway', password: 'first' } as const;
    const error = await failure(dial({ sasl, requestTimeoutMs: 1_000 }).open());
    expect([error.reason, error.recovery]).toEqual(['REQUEST_TIMED_OUT', 'refresh']);
  });

  test('renews a session that ends soon and keeps the order of the requests around it', async () => {
    broker.on(saslAuthenticateApi, () => ({
      errorCode: 0,
      errorMessage: null,
      authBytes: Buffer.alloc(0),
      sessionLifetimeMs: 1,
    }));
    const connection = dial({ sasl: { mechanism: 'plain', username: 'gateway', password: 'first' } });
    await connection.open();
    const answers = await Promise.all([1, 2, 3].map(() => connection.send(calls.initProducerId, initProducerId)));
    expect(answers.map(({ producerId }) => producerId)).toEqual([1_000, 1_001, 1_002]);
    expect(passwords().length).toBeGreaterThan(1);
  });
});
