import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { BrokerChild } from './support/broker-child.ts';
import { makeBatch, readValues } from './support/batches.ts';
import { RawClient } from './support/raw-client.ts';
import { createTopic, fetchOne, listOffset, produceOne } from './support/requests.ts';
import { TemporaryDirectories } from './support/temporary-directory.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(120_000);

const directories = new TemporaryDirectories();
const children: BrokerChild[] = [];

afterAll(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exited));
  directories.removeAll();
});

function start(...args: ConstructorParameters<typeof BrokerChild>): BrokerChild {
  const child = new BrokerChild(...args);
  children.push(child);
  return child;
}

async function connect(child: BrokerChild): Promise<RawClient> {
  return RawClient.connect((await child.ready()).port);
}

/** All values of partition 0, with their offsets. */
async function readEverything(client: RawClient, topic: string): Promise<string[]> {
  const values: string[] = [];
  const end = await listOffset(client, topic, -1);
  while (values.length < end) values.push(...readValues((await fetchOne(client, topic, values.length)).records));
  return values;
}

describe('main.ts', () => {
  test('says that it is a development broker and where its data is, and ends cleanly on SIGTERM', async () => {
    const dataDir = directories.make();
    const child = start(dataDir);
    const { port, registryPort } = await child.ready();
    expect(child.stdout).toContain('development broker');
    expect(child.stdout).toContain(dataDir);
    expect(child.stdout).toContain(`127.0.0.1:${port}`);
    const response = await fetch(`http://127.0.0.1:${registryPort}/subjects`);
    await expect(response.json()).resolves.toEqual([]);
    child.process.kill('SIGTERM');
    await expect(child.exited).resolves.toBe(0);
  });

  test('ends when the parent that started it goes', async () => {
    const child = start(directories.make());
    await child.ready();
    child.process.disconnect();
    await expect(child.exited).resolves.toBe(0);
  });

  test.each(['KAFKA_PORT', 'SCHEMA_REGISTRY_PORT'])(
    'a port in use is told with its setting, %s, and exit 1',
    async (name) => {
      const blocker = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => blocker.once('listening', resolve));
      const { port } = blocker.address() as AddressInfo;
      const child = start(directories.make(), { env: { [name]: String(port) } });
      await expect(child.exited).resolves.toBe(1);
      expect(child.stderr).toBe(`Port ${port} is in use: set ${name} to a free port, or stop what listens there.\n`);
      blocker.close();
    },
  );

  test.each([
    [
      'a port that is none',
      { env: { KAFKA_PORT: '99999' } },
      'KAFKA_PORT is "99999", allowed are the numbers 0 to 65535\n',
    ],
    ['an unknown argument', { args: ['--fast'] }, 'unknown argument --fast; known are --sync and --help\n'],
  ])('%s is refused with exit 1', async (_, options, message) => {
    const child = start(directories.make(), options);
    await expect(child.exited).resolves.toBe(1);
    expect(child.stderr).toBe(message);
  });

  test('--help says the settings and starts nothing', async () => {
    const child = start(directories.make(), { args: ['--help'] });
    await expect(child.exited).resolves.toBe(0);
    expect(child.stdout).toContain('PLAYHEAD_DATA_DIR');
  });

  test('a data directory belongs to one broker at a time, and to nobody after kill -9', async () => {
    const dataDir = directories.make();
    const first = start(dataDir);
    await first.ready();
    const second = start(dataDir);
    await expect(second.exited).resolves.toBe(1);
    expect(second.stderr).toContain('in use by another broker');
    first.process.kill('SIGKILL');
    await first.exited;
    await expect(start(dataDir).ready()).resolves.toMatchObject({ type: 'ready' });
  });
});

describe('kill -9 under load', () => {
  test('leaves everything acknowledged in place, in order, none twice, and retries of the rest are stored once', async () => {
    const dataDir = directories.make();
    const producer = { producerId: 4242, producerEpoch: 0 };
    let acknowledged = 0;
    for (let round = 0; round < 3; round++) {
      const child = start(dataDir);
      const client = await connect(child);
      if (round === 0) await createTopic(client, 'load', 1, { 'segment.bytes': '100000' });
      // As a client does after a lost connection: everything not acknowledged is sent again from there.
      const first = acknowledged;
      const killAfter = first + 150;
      const inFlight: Promise<void>[] = [];
      for (let i = first; i < killAfter + 100; i++) {
        const sent = produceOne(
          client,
          'load',
          makeBatch([`v${i}`, 'x'.repeat(500)], { ...producer, baseSequence: 2 * i }),
        );
        inFlight.push(
          sent.then(
            ({ errorCode, baseOffset }) => {
              if (errorCode !== 0 || baseOffset !== 2 * i)
                throw new Error(`batch ${i}: error ${errorCode}, offset ${baseOffset}`);
              acknowledged = i + 1;
              if (acknowledged === killAfter) child.process.kill('SIGKILL');
            },
            () => {},
          ),
        );
        // Five at a time, as many as the broker remembers of a producer.
        if (inFlight.length >= 5) await inFlight.shift();
      }
      await Promise.all(inFlight);
      await child.exited;
      expect(acknowledged).toBeGreaterThanOrEqual(killAfter);
    }
    const client = await connect(start(dataDir));
    const values = await readEverything(client, 'load');
    const names = values.filter((_, i) => i % 2 === 0);
    expect(names.length).toBeGreaterThanOrEqual(acknowledged);
    expect(names).toEqual(names.map((_, i) => `${2 * i}:v${i}`));
    await client.close();
  });

  test('--sync acknowledges too', async () => {
    const client = await connect(start(directories.make(), { args: ['--sync'] }));
    await createTopic(client, 'synced');
    const answers = await Promise.all([0, 1, 2].map((i) => produceOne(client, 'synced', makeBatch([`v${i}`]))));
    expect(answers.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    await client.close();
  });
});

test('a start after a clean stop reads no log', async () => {
  const dataDir = directories.make();
  const first = start(dataDir);
  const client = await connect(first);
  await createTopic(client, 'quiet');
  await produceOne(client, 'quiet', makeBatch(['a']));
  first.process.kill('SIGINT');
  await first.exited;
  const second = start(dataDir);
  await second.ready();
  expect(second.stderr).not.toContain('log recovered');
  second.process.kill('SIGKILL');
  await second.exited;
  const third = start(dataDir);
  const again = await connect(third);
  await expect(readEverything(again, 'quiet')).resolves.toEqual(['0:a']);
  await again.close();
});
