import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import type { Logger } from '../../src/kafka/types.ts';
import type { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { RedisBackend } from '../../src/runtime/storage/redis/redis-backend.ts';
import type { StreamsConfig } from '../../src/runtime/streams-config.ts';
import { eventually, silent } from '../runtime/runtime-fakes.ts';
import { hasRedisServer, RedisServer } from '../state/redis-server.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const ROUNDS = 60;
/** So many are in the state on disk for certain when the process is killed. */
const STORED_ROUNDS = 30;
const TIMEOUT_MS = 60_000;
const HAS_REDIS = hasRedisServer();

/** The value of a metric of the application. */
const shown = (streams: KafkaStreams, name: string): number | undefined =>
  [...streams.metrics()].find((sample) => sample.name === name)?.value;

describe('state beside the changelogs', () => {
  let broker: TestBroker;
  let cluster: ClusterUnderTest;
  let child: ChildProcess | undefined;
  let stateDir: string;
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    broker = await startTestBroker();
    if (HAS_REDIS) redis = await RedisServer.start();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await broker.close();
    await redis?.close();
  });
  beforeEach(() => {
    cluster = new ClusterUnderTest([broker.address]);
    stateDir = mkdtempSync(join(tmpdir(), 'state-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await cluster.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const durable = (config: Partial<StreamsConfig> = {}): Partial<StreamsConfig> => ({
    groupInstanceId: 'one',
    state: { lmdb: { stateDir } },
    ...config,
  });

  /** Collects with what each task began. */
  function beginnings(): { readonly logger: Logger; readonly states: string[] } {
    const states: string[] = [];
    const info = (fields: object, message?: string): void => {
      if (message === 'task runs') states.push((fields as { state: string }).state);
    };
    return { logger: { ...silent, info }, states };
  }

  const restoredRecords = (streams: KafkaStreams): number =>
    [...streams.metrics()]
      .filter(({ name }) => name.includes('restore-total'))
      .reduce((sum, { value }) => sum + value, 0);

  async function startChild(input: string, output: string, config: Partial<StreamsConfig>): Promise<ChildProcess> {
    const script = join(import.meta.dirname, 'counting-app.ts');
    const parameters = [script, broker.address, cluster.applicationId, input, output, JSON.stringify(config)];
    const started = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    await new Promise((resolve, reject) => {
      started.stdout.once('data', resolve);
      started.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
    });
    return started;
  }

  const kill = (process: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      process.once('exit', () => resolve());
      process.kill('SIGKILL');
    });

  /** Kills a counting child in the middle of its work and gives the application that goes on from its directory. */
  async function killInTheMiddle(config: Partial<StreamsConfig>, betweenTheLives: () => void = () => {}) {
    const input = await cluster.topic('in', 4);
    const output = await cluster.topic('out', 4);
    const killed = await startChild(input, output, durable(config));
    const isolation = config.processingGuarantee === 'exactly_once' ? 'read_committed' : 'read_uncommitted';
    const produceRounds = (rounds: number): void => {
      for (let round = 0; round < rounds; round++) for (const key of KEYS) void cluster.produce(input, key, 'x');
    };
    produceRounds(STORED_ROUNDS);
    await cluster.read(output, KEYS.length * STORED_ROUNDS, 20_000, isolation);
    // A commit begins when the one before it has been stored.
    produceRounds(1);
    await cluster.read(output, KEYS.length * (STORED_ROUNDS + 1), 20_000, isolation);
    produceRounds(ROUNDS - STORED_ROUNDS - 1);
    await cluster.read(output, KEYS.length * (STORED_ROUNDS + 2));
    await kill(killed);
    betweenTheLives();
    const { logger, states } = beginnings();
    const { streams } = await cluster.start(countTopology(input, output), durable({ ...config, logger }));
    const sent = await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'last')));
    const counts: unknown[] = [];
    for (const [index, key] of KEYS.entries()) {
      const bound = sent[index];
      const { value } = await streams.query<string, number>('counts').get(key, { bound, acknowledged: true });
      counts.push(value);
    }
    return { streams, counts, states };
  }

  const EXACT = KEYS.map(() => ROUNDS + 1);

  test(
    'after kill -9 under at_least_once the state goes on where it was: nothing restored, nothing repeated in it',
    async () => {
      const { streams, counts, states } = await killInTheMiddle({ commitIntervalMs: 10 });
      expect(counts).toEqual(EXACT);
      expect(states).toEqual(['state', 'state', 'state', 'state']);
      expect(restoredRecords(streams)).toBe(0);
    },
    TIMEOUT_MS,
  );

  test(
    'after kill -9 under exactly_once only the missing tail is restored',
    async () => {
      const config = { processingGuarantee: 'exactly_once', commitIntervalMs: 10 } as const;
      const { streams, counts, states } = await killInTheMiddle(config);
      expect(counts).toEqual(EXACT);
      expect(states).toEqual(Array.from({ length: 4 }, () => 'state-and-tail'));
      expect(restoredRecords(streams)).toBeLessThanOrEqual(KEYS.length * (ROUNDS - STORED_ROUNDS));
    },
    TIMEOUT_MS,
  );

  const redisTest = HAS_REDIS ? test : test.skip;

  redisTest.each(['at_least_once', 'exactly_once'] as const)(
    'after kill -9 under %s another instance goes on from the state in Redis',
    async (processingGuarantee) => {
      const state = { redis: { url: redis?.url ?? '' } };
      const { streams, counts, states } = await killInTheMiddle({ state, processingGuarantee, commitIntervalMs: 10 });
      expect(counts).toEqual(EXACT);
      expect(new Set(states)).toEqual(new Set([processingGuarantee === 'exactly_once' ? 'state-and-tail' : 'state']));
      expect(restoredRecords(streams)).toBeLessThanOrEqual(KEYS.length * (ROUNDS - STORED_ROUNDS));
    },
    TIMEOUT_MS,
  );

  redisTest.each(['at_least_once', 'exactly_once'] as const)(
    'under %s the owner was left fenced when a zombie claimed its state late: it claims it again, and goes on',
    async (processingGuarantee) => {
      const input = await cluster.topic('in', 2);
      const output = await cluster.topic('out', 2);
      const url = redis?.url ?? '';
      const { logger, states } = beginnings();
      const config = { state: { redis: { url } }, commitIntervalMs: 10, processingGuarantee, logger } as const;
      const { streams } = await cluster.start(countTopology(input, output), config);
      const count = async (): Promise<unknown[]> => {
        const sent = await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));
        const asked = KEYS.map((key, at) =>
          streams.query<string, number>('counts').get(key, { bound: sent[at], acknowledged: true }),
        );
        return (await Promise.all(asked)).map(({ value }) => value);
      };
      expect(await count()).toEqual(KEYS.map(() => 1));
      const { applicationId } = cluster;
      const zombie = new RedisBackend({ url }, { applicationId, logger: silent, clock: Date.now });
      await zombie.open();
      const beginningsBefore = states.length;
      expect(await zombie.openTask('0_0').ready()).toBeDefined();
      await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));
      // A transaction is taken back with all tasks.
      const begun = beginningsBefore + (processingGuarantee === 'exactly_once' ? 2 : 1);
      await eventually(() => states.length >= begun, 'the owner begins anew');
      expect(await count()).toEqual(KEYS.map(() => 3));
      await zombie.close();
    },
    TIMEOUT_MS,
  );

  redisTest(
    'while Redis is away nothing is processed, and afterwards everything is, once',
    async () => {
      const input = await cluster.topic('in', 2);
      const output = await cluster.topic('out', 2);
      const config = { state: { redis: { url: redis?.url ?? '' } }, commitIntervalMs: 10 } as const;
      const { streams } = await cluster.start(countTopology(input, output), config);
      await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));
      await cluster.read(output, KEYS.length);
      expect([streams.stateAwaySinceMs, shown(streams, 'state-away-since-ms')]).toEqual([undefined, 0]);
      await redis?.stop();
      // The commit of these finds Redis gone; what comes then waits for it.
      await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));
      await eventually(() => streams.stateAwaySinceMs !== undefined, 'it says that its state cannot be reached');
      expect(streams.tasks().map(({ stateAwaySinceMs }) => stateAwaySinceMs)).toContain(streams.stateAwaySinceMs);
      expect(shown(streams, 'state-away-since-ms')).toBe(streams.stateAwaySinceMs);
      expect(shown(streams, 'state-away-failures-total')).toBeGreaterThan(0);
      await redis?.start();
      const sent = await Promise.all(KEYS.map((key) => cluster.produce(input, key, 'x')));
      for (const [index, key] of KEYS.entries()) {
        const bound = sent[index];
        const { value } = await streams.query<string, number>('counts').get(key, { bound, acknowledged: true });
        expect([key, value]).toEqual([key, 3]);
      }
      await eventually(() => streams.stateAwaySinceMs === undefined, 'its state can be reached again');
      expect(streams.tasks().map(({ stateAwaySinceMs }) => stateAwaySinceMs)).toEqual([undefined, undefined]);
      await streams.close();
      const { logger, states } = beginnings();
      const again = await cluster.start(countTopology(input, output), { ...config, logger });
      expect((await again.streams.query<string, number>('counts').get('key-1')).value).toBe(3);
      expect(new Set(states)).toEqual(new Set(['state']));
    },
    TIMEOUT_MS,
  );

  test(
    'after a power cut the state is not trusted: it comes back from the changelog',
    async () => {
      const cutPower = (): void => {
        const running = join(stateDir, cluster.applicationId, 'running.json');
        expect(JSON.parse(readFileSync(running, 'utf8'))).toHaveProperty('bootId');
        writeFileSync(running, JSON.stringify({ bootId: 'the start before' }));
      };
      const config = { processingGuarantee: 'exactly_once', commitIntervalMs: 10 } as const;
      const { streams, counts, states } = await killInTheMiddle(config, cutPower);
      expect(counts).toEqual(EXACT);
      expect(states).toEqual(Array.from({ length: 4 }, () => 'changelog'));
      expect(restoredRecords(streams)).toBeGreaterThanOrEqual(KEYS.length * STORED_ROUNDS);
    },
    TIMEOUT_MS,
  );
});
