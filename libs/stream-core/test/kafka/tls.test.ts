import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { ConnectionOptions, Server } from 'node:tls';
import { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

// A pre-shared key instead of a certificate: TLS without a key pair in the repository.
const psk = Buffer.alloc(32, 7);
const shared = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;

let broker: ScriptedBroker;
let terminator: Server;
let client: KafkaClient;

beforeEach(async () => {
  broker = await ScriptedBroker.start();
  broker.topics.set('t', 2);
  terminator = createServer({ ...shared, pskCallback: () => psk }, (secure) => {
    const plain = connect(broker.port, '127.0.0.1');
    for (const socket of [secure, plain]) socket.on('error', () => [secure, plain].forEach((each) => each.destroy()));
    secure.pipe(plain).pipe(secure);
  });
  terminator.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => terminator.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await client.close();
  await broker.close();
  await new Promise((resolve) => terminator.close(resolve));
});

function secureClient(key: Buffer): KafkaClient {
  const { port } = terminator.address() as AddressInfo;
  const ssl: ConnectionOptions = {
    ...shared,
    pskCallback: () => ({ psk: key, identity: 'gateway' }),
    checkServerIdentity: () => undefined,
  };
  // Metadata names the plain port, which TLS cannot speak to: one bootstrap connection is what is tested.
  return new KafkaClient({ brokers: [`127.0.0.1:${port}`], clientId: 'test', ssl, retryTimeoutMs: 200 });
}

describe('TLS', () => {
  test('requests go through it', async () => {
    client = secureClient(psk);
    expect(await client.partitionsOf(['t'])).toEqual(new Map([['t', 2]]));
  });

  test('a handshake that fails is a connection that failed, with the reason', async () => {
    client = secureClient(Buffer.alloc(32, 8));
    await expect(client.partitionsOf(['t'])).rejects.toMatchObject({
      code: 'STREAMS_BROKER',
      reason: 'CONNECTION_FAILED',
    });
  });
});
