import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryInUseError, PortInUseError, startBroker } from '../src/index.ts';
import { startTestBroker } from '../src/testing.ts';
import { makeBatch } from './support/batches.ts';
import { RawClient } from './support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from './support/requests.ts';
import { TemporaryDirectories } from './support/temporary-directory.ts';
import { until } from './support/until.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

const directories = new TemporaryDirectories();
afterAll(() => directories.removeAll());

describe('startBroker', () => {
  test('refuses a port that is taken, says which setting, and leaves the data directory free', async () => {
    const first = await startTestBroker();
    const dataDir = directories.make();
    await expect(startBroker({ dataDir, port: first.port, registryPort: 0 })).rejects.toMatchObject({
      setting: 'port',
      port: first.port,
    });
    await expect(startBroker({ dataDir, port: 0, registryPort: first.registryPort })).rejects.toMatchObject({
      setting: 'registryPort',
      port: first.registryPort,
    });
    await expect(startBroker({ dataDir, port: first.port, registryPort: 0 })).rejects.toThrow(PortInUseError);
    const second = await startTestBroker({ dataDir });
    await second.close();
    await first.close();
  });

  test('refuses a data directory that another broker has, and takes it when that one is closed', async () => {
    const dataDir = directories.make();
    const first = await startTestBroker({ dataDir });
    await expect(startTestBroker({ dataDir })).rejects.toThrow(DataDirectoryInUseError);
    await first.close();
    const second = await startTestBroker({ dataDir });
    await second.close();
  });

  test('locks a directory whose path is too long for a socket too', async () => {
    const dataDir = join(directories.make(), 'deep'.repeat(30), 'deeper'.repeat(20));
    const first = await startTestBroker({ dataDir });
    await expect(startTestBroker({ dataDir })).rejects.toThrow(DataDirectoryInUseError);
    await first.close();
  });

  test('refuses to listen on a network', async () => {
    await expect(startBroker({ dataDir: directories.make(), host: '0.0.0.0' })).rejects.toThrow('loopback');
  });

  test('removes what a deleted topic or an interrupted creation left behind', async () => {
    const dataDir = directories.make();
    const leftover = join(dataDir, 'topics', 'gone.11111111-2222-3333-4444-555555555555', '0');
    mkdirSync(leftover, { recursive: true });
    writeFileSync(join(leftover, '00000000000000000000.log'), 'x');
    const broker = await startTestBroker({ dataDir });
    await until(() => !existsSync(join(leftover, '..')));
    expect(readdirSync(join(dataDir, 'topics'))).toEqual([]);
    await broker.close();
  });

  test('close may be called twice and ends parked requests', async () => {
    const broker = await startTestBroker();
    const client = await RawClient.connect(broker.port);
    await createTopic(client, 't');
    const parked = fetchOne(client, 't', 0, { maxWaitMs: 60_000 });
    await listOffset(await RawClient.connect(broker.port), 't', -1);
    await Promise.all([broker.close(), expect(parked).rejects.toThrow('closed')]);
    await expect(broker.close()).resolves.toBeUndefined();
  });
});

describe('maintenance', () => {
  test('drops old segments in the background and frees their files', async () => {
    const broker = await startTestBroker();
    const client = await RawClient.connect(broker.port);
    await createTopic(client, 'old', 1, { 'retention.ms': '1000', 'segment.bytes': '10000' });
    for (let i = 0; i < 10; i++) await produceOne(client, 'old', makeBatch(['x'.repeat(5000)], { timestampMs: 1000 }));
    await produceOne(client, 'old', makeBatch(['new'.repeat(2000)], { timestampMs: Date.now() }));
    await broker.maintain();
    await expect(listOffset(client, 'old', -2)).resolves.toBe(10);
    const [topic] = readdirSync(join(broker.dataDir, 'topics'));
    const directory = join(broker.dataDir, 'topics', topic ?? '', '0');
    await until(() =>
      readdirSync(directory)
        .filter((name) => !name.startsWith('checkpoint'))
        .every((name) => name.startsWith('00000000000000000010')),
    );
    expect(statSync(join(directory, '00000000000000000010.log')).size).toBeGreaterThan(5000);
    await client.close();
    await broker.close();
  });

  test('handles produces between two partitions: none waits for the whole round', async () => {
    const broker = await startTestBroker();
    const client = await RawClient.connect(broker.port);
    await createTopic(client, 'many', 200);
    // Something to save in each of them.
    await Promise.all(
      Array.from({ length: 200 }, (_, partition) => produceOne(client, 'many', makeBatch(['a']), { partition })),
    );
    const order: string[] = [];
    const round = broker.maintain().then(() => order.push('round'));
    await produceOne(client, 'many', makeBatch(['b'])).then(() => order.push('produce'));
    await round;
    expect(order).toEqual(['produce', 'round']);
    await client.close();
    await broker.close();
  });
});
