import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import type { StreamsConfig } from '../../src/runtime/streams-config.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const TIMEOUT_MS = 60_000;
const EXACTLY_ONCE = { processingGuarantee: 'exactly_once', commitIntervalMs: 20 } as const;
const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);

/**
 * What exactly_once has to mean on every broker. The application counts by key, so that a record processed twice or never
 * is seen in the counts. `failCommits` where the test can make the broker refuse the next commits of offsets.
 */
export function exactlyOnceSuite(
  title: string,
  brokers: () => readonly string[],
  failCommits?: (count: number) => void,
): void {
  describe(`exactly_once on ${title}`, () => {
    let cluster: ClusterUnderTest;
    let child: ChildProcess | undefined;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(async () => {
      child?.kill('SIGKILL');
      await cluster.close();
    }, TIMEOUT_MS);

    async function counting() {
      const input = await cluster.topic('in', 4);
      const output = await cluster.topic('out', 4);
      return { input, output, topology: () => countTopology(input, output) };
    }

    const produceRound = (input: string): Promise<unknown> =>
      Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));

    /** Every key's counts as a reader with read_committed sees them: 1, 2, 3, … each once and in order. */
    async function expectCounts(output: string, rounds: number): Promise<void> {
      const counts = new Map<string | null, number[]>(KEYS.map((key) => [key, []]));
      for (const { key, value } of await cluster.read(output, KEYS.length * rounds, 40_000, 'read_committed'))
        counts.get(key)?.push(Number(value?.readBigInt64BE(0)));
      const expected = Array.from({ length: rounds }, (_, index) => index + 1);
      for (const [key, seen] of counts) expect([key, seen]).toEqual([key, expected]);
    }

    test(
      'an instance that stops and one that follows it count each record once',
      async () => {
        const { input, output, topology } = await counting();
        const first = await cluster.start(topology(), EXACTLY_ONCE);
        for (let round = 0; round < 5; round++) await produceRound(input);
        await first.streams.close();
        const second = await cluster.start(topology(), EXACTLY_ONCE);
        for (let round = 0; round < 5; round++) await produceRound(input);
        await expectCounts(output, 10);
        expect((await second.streams.query<string, number>('counts').get('key-3')).value).toBe(10);
      },
      TIMEOUT_MS,
    );

    test(
      'an acknowledged answer is one that no crash takes back',
      async () => {
        const { input, output, topology } = await counting();
        const { streams } = await cluster.start(topology(), EXACTLY_ONCE);
        const bound = await cluster.produce(input, 'key-0', 'x');
        const { value } = await streams.query<string, number>('counts').get('key-0', { bound, acknowledged: true });
        expect(value).toBe(1);
        expect(await cluster.read(output, 1, 20_000, 'read_committed')).toHaveLength(1);
      },
      TIMEOUT_MS,
    );

    test(
      'tasks that move under load count each record once',
      async () => {
        const { input, output, topology } = await counting();
        const first = await cluster.start(topology(), EXACTLY_ONCE);
        await produceRound(input);
        const load = produceRounds(input, 20);
        const second = await cluster.start(topology(), EXACTLY_ONCE);
        await eventually(() => running(first.streams) === 2 && running(second.streams) === 2, 'two tasks each');
        await load;
        await first.streams.close();
        await produceRound(input);
        await expectCounts(output, 22);
      },
      TIMEOUT_MS,
    );

    if (failCommits !== undefined) {
      test(
        'a transaction that fails is taken back with the state, and everything is counted once',
        async () => {
          const { input, output, topology } = await counting();
          const { streams } = await cluster.start(topology(), EXACTLY_ONCE);
          failCommits(3);
          let rounds = 0;
          for (; aborted(streams) < 3; rounds++) await produceRound(input);
          await expectCounts(output, rounds);
          expect((await streams.query<string, number>('counts').get('key-3')).value).toBe(rounds);
        },
        TIMEOUT_MS,
      );
    }

    test(
      'an instance that is killed leaves nothing half done to the one that follows it',
      async () => {
        const { input, output, topology } = await counting();
        for (let kill = 0; kill < 3; kill++) {
          const killed = await startChild(input, output, { groupInstanceId: 'one' });
          await Promise.all([
            produceRounds(input, 10),
            cluster.read(output, KEYS.length * (kill * 10 + 3), 40_000, 'read_committed'),
          ]);
          killed.kill('SIGKILL');
        }
        await cluster.start(topology(), { ...EXACTLY_ONCE, groupInstanceId: 'one' });
        await produceRound(input);
        await expectCounts(output, 31);
      },
      2 * TIMEOUT_MS,
    );

    test(
      'what a killed instance left open holds up nobody for the time of a transaction',
      async () => {
        const { input, output, topology } = await counting();
        const silence = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 100 };
        // Longer than the test may take.
        const config = { ...silence, commitIntervalMs: 2_000, transactionTimeoutMs: 120_000 };
        const killed = await startChild(input, output, config);
        await produceRound(input);
        await cluster.read(output, KEYS.length, 40_000, 'read_committed');
        await produceRound(input);
        await cluster.read(output, 2 * KEYS.length);
        killed.kill('SIGKILL');
        await cluster.start(topology(), { ...EXACTLY_ONCE, ...silence });
        await produceRound(input);
        await expectCounts(output, 3);
      },
      TIMEOUT_MS,
    );

    async function produceRounds(input: string, rounds: number): Promise<void> {
      for (let round = 0; round < rounds; round++) await produceRound(input);
    }

    async function startChild(input: string, output: string, config: Partial<StreamsConfig>): Promise<ChildProcess> {
      const script = join(import.meta.dirname, 'counting-app.ts');
      const settings = JSON.stringify({ ...EXACTLY_ONCE, ...config });
      const parameters = [brokers()[0] ?? '', cluster.applicationId, input, output, settings];
      const started = spawn(process.execPath, [script, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
      child = started;
      await new Promise((resolve, reject) => {
        started.stdout.once('data', resolve);
        started.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
      });
      return started;
    }
  });
}

const running = (streams: KafkaStreams): number => streams.tasks().filter(({ state }) => state === 'RUNNING').length;

const aborted = (streams: KafkaStreams): number =>
  [...streams.metrics()].find(({ name }) => name === 'transaction-aborted-total')?.value ?? 0;
