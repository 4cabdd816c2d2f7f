import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BrokerHealth, BrokerSockets } from '../../src/kafka/broker-sockets.ts';
import { stderrLogger } from '../../src/kafka/stderr-logger.ts';
import { until } from './support/deadline.ts';
import { failure } from './support/failure.ts';
import { ScriptedBroker } from './support/scripted-broker.ts';

let broker: ScriptedBroker;

beforeEach(async () => {
  broker = await ScriptedBroker.start();
});

afterEach(() => broker.close());

describe('sockets by purpose', () => {
  const health = new BrokerHealth(stderrLogger);

  test('callers that ask at the same time share one socket', async () => {
    const sockets = new BrokerSockets({ clientId: 'test' }, health);
    const address = { host: '127.0.0.1', port: broker.port };
    const [first, second, third] = await Promise.all([
      sockets.get(address),
      sockets.get(address),
      sockets.get(address),
    ]);
    expect(broker.accepted).toBe(1);
    expect([second, third]).toEqual([first, first]);
    sockets.close();
  });

  test('two purposes have two sockets, and a lost one is replaced', async () => {
    const fetch = new BrokerSockets({ clientId: 'test' }, health);
    const produce = new BrokerSockets({ clientId: 'test' }, health);
    const address = { host: '127.0.0.1', port: broker.port };
    const [one, other] = await Promise.all([fetch.get(address), produce.get(address)]);
    expect(one).not.toBe(other);
    broker.dropAllSockets();
    await until('both sockets are known to be closed', () => !one.isOpen && !other.isOpen);
    expect((await fetch.get(address)).isOpen).toBe(true);
    expect(broker.accepted).toBe(3);
    fetch.close();
    produce.close();
  });

  test('a broker’s loss and return are logged once each', async () => {
    const lines: string[] = [];
    const log = (_fields: object, message: string): void => void lines.push(message);
    const sockets = new BrokerSockets(
      { clientId: 'test' },
      new BrokerHealth({ debug: () => undefined, info: log, warn: log, error: log }),
    );
    const address = { host: '127.0.0.1', port: broker.port };
    await broker.close();
    for (let i = 0; i < 3; i++) await failure(sockets.get(address));
    await broker.listen();
    await sockets.get(address);
    expect(lines).toEqual(['broker cannot be reached', 'broker is reachable again']);
    sockets.close();
  });
});
