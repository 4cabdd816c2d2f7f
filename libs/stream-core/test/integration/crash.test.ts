import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const ROUNDS = 25;

describe('an instance that is killed', () => {
  let broker: TestBroker;
  let cluster: ClusterUnderTest;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.close());
  beforeEach(() => {
    cluster = new ClusterUnderTest([broker.address]);
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await cluster.close();
  });

  async function startChild(...parameters: string[]): Promise<ChildProcess> {
    const script = join(import.meta.dirname, 'counting-app.ts');
    const started = spawn(process.execPath, [script, broker.address, cluster.applicationId, ...parameters], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    await new Promise((resolve, reject) => {
      started.stdout.once('data', resolve);
      started.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
    });
    return started;
  }

  test('loses nothing: its successor restores the state and repeats at most what was not committed', async () => {
    const input = await cluster.topic('in', 4);
    const output = await cluster.topic('out', 4);
    const killed = await startChild(input, output, JSON.stringify({ groupInstanceId: 'one' }));
    for (let round = 0; round < ROUNDS; round++) for (const key of KEYS) void cluster.produce(input, key, 'x');
    const seen = await cluster.read(output, KEYS.length);
    killed.kill('SIGKILL');
    expect(seen.length).toBeGreaterThan(0);
    const { streams } = await cluster.start(countTopology(input, output), { groupInstanceId: 'one' });
    const sent = await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'last')));
    let repeated = 0;
    for (const [index, key] of KEYS.entries()) {
      const bound = sent[index];
      const { value } = await streams.query<string, number>('counts').get(key, { bound, acknowledged: true });
      expect(value).toBeGreaterThanOrEqual(ROUNDS + 1);
      repeated += (value ?? 0) - ROUNDS - 1;
    }
    expect(repeated).toBeLessThanOrEqual(ROUNDS * KEYS.length);
  }, 60_000);
});
