import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import {
  type KafkaStreams,
  type StateListener,
  StreamsBuilder,
  serdes,
  type StreamsConfig,
} from '@playhead/stream-core';
import { GroupAdmin } from '../../src/kafka/group-admin.ts';
import { until } from '../kafka/support/deadline.ts';
import { eventually } from '../runtime/runtime-fakes.ts';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { countTopology } from './counting-topologies.ts';

const TIMEOUT_MS = 60_000;
const KEYS = Array.from({ length: 60 }, (_, index) => `key-${index}`);
const ONE_STANDBY: Partial<StreamsConfig> = { numStandbyReplicas: 1, sessionTimeoutMs: 2_000 };

const running = ({ streams }: { streams: KafkaStreams }): string[] =>
  streams
    .tasks()
    .filter(({ state }) => state === 'RUNNING')
    .map(({ task }) => task);

const metric = ({ streams }: { streams: KafkaStreams }, name: string): number =>
  [...streams.metrics()].find((sample) => sample.name === name)?.value ?? 0;

/** What is behind nothing of its changelogs. */
const caughtUp = ({ streams }: { streams: KafkaStreams }, tasks: number): boolean => {
  const standbys = streams.standbys();
  return standbys.length === tasks && standbys.every(({ lag }) => lag === 0);
};

describe('standbys on the embedded broker', () => {
  let broker: TestBroker;
  let cluster: ClusterUnderTest;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    // Real brokers refuse less than six seconds.
    broker = await startTestBroker({ groups: { minSessionTimeoutMs: 100 } });
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

  const writeAll = (input: string, times = 1) =>
    Promise.all(KEYS.flatMap((key) => Array.from({ length: times }, () => cluster.produce(input, key, 'x'))));

  /** Records of inputs that the group has done with. */
  async function committed(): Promise<number> {
    const offsets = await new GroupAdmin(cluster.client, cluster.applicationId).offsets();
    return offsets.reduce((sum, { offset }) => sum + offset, 0);
  }

  const countsOf = (streams: KafkaStreams) =>
    Promise.all(KEYS.map(async (key) => (await streams.query<string, number>('counts').get(key)).value));

  test(
    'take the tasks of an owner that was killed, and read no changelog from its beginning',
    async () => {
      const [input, output] = [await cluster.topic('in', 4), await cluster.topic('out', 4)];
      const app = await cluster.start(countTopology(input, output), ONE_STANDBY);
      const killed = await startChild(input, output, JSON.stringify({ ...ONE_STANDBY, heartbeatIntervalMs: 50 }));
      await eventually(() => running(app).length === 2, 'two tasks each');
      await writeAll(input, 3);
      await cluster.read(output, KEYS.length * 3);
      // Only then everything counted is in the changelogs too.
      await until('everything is committed', async () => (await committed()) === KEYS.length * 3);
      await eventually(() => caughtUp(app, 2), 'the standbys have caught up');
      const before = metric(app, 'restore-total');
      killed.kill('SIGKILL');
      await eventually(() => running(app).length === 4, 'all tasks run here');
      expect(await countsOf(app.streams)).toEqual(KEYS.map(() => 3));
      expect(metric(app, 'restore-total')).toBe(before);
      expect(app.streams.standbys()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'every instance knows who could answer for a key besides its owner',
    async () => {
      const [input, output] = [await cluster.topic('in', 2), await cluster.topic('out', 2)];
      const one = await cluster.start(countTopology(input, output), ONE_STANDBY);
      const two = await cluster.start(countTopology(input, output), ONE_STANDBY);
      await eventually(() => [one, two].every((app) => running(app).length === 1 && caughtUp(app, 1)), 'balanced');
      for (const key of KEYS) {
        const { owner, standbys, task } = two.streams.queryMetadataForKey('counts', key);
        const other = owner?.applicationServer === one.address ? two.address : one.address;
        expect(standbys.map(({ applicationServer }) => applicationServer)).toEqual([other]);
        expect(standbys[0]?.standbyTasks).toEqual([task]);
      }
      const everywhere = one.streams.metadataForStore('counts').map(({ standbyStores }) => standbyStores);
      expect(everywhere).toEqual([['counts'], ['counts']]);
    },
    TIMEOUT_MS,
  );

  test(
    'answer what may be stale while the owner is gone; other questions wait for the next owner',
    async () => {
      const [input, output] = [await cluster.topic('in', 2), await cluster.topic('out', 2)];
      const lasting = { ...ONE_STANDBY, sessionTimeoutMs: 20_000 };
      const app = await cluster.start(countTopology(input, output), lasting);
      // An address at which nobody answers: as if the machine were gone, until the session is over.
      const owner = await cluster.prepare(countTopology(input, output), {
        ...lasting,
        applicationServer: 'http://127.0.0.1:1',
      });
      await owner.streams.start();
      await eventually(() => running(app).length === 1 && running(owner).length === 1, 'a task each');
      await writeAll(input, 2);
      await eventually(
        () => metric(app, 'process-total') + metric(owner, 'process-total') >= KEYS.length * 2,
        'counted',
      );
      await eventually(() => caughtUp(app, 1) && app.streams.tasks().every(({ committed }) => committed), 'caught up');
      const theirs = KEYS.filter(
        (key) => app.streams.queryMetadataForKey('counts', key).owner?.applicationServer !== app.address,
      );
      expect(theirs.length).toBeGreaterThan(0);
      const query = app.streams.query<string, number>('counts');
      for (const key of theirs) {
        expect(await query.get(key, { staleWithin: 0 })).toEqual({
          value: 2,
          timestamp: 1_000,
          position: [],
          staleLag: 0,
        });
        await expect(query.get(key, { timeoutMs: 50 })).rejects.toMatchObject({ reason: 'UNREACHABLE' });
      }
      const all = await query.all({ staleWithin: Infinity, limit: 1_000 });
      expect([all.entries.length, all.staleLag]).toEqual([KEYS.length, 0]);
      const mine = KEYS.find((key) => !theirs.includes(key)) as string;
      expect(await query.get(mine, { staleWithin: 0 })).toMatchObject({ value: 2, staleLag: undefined });
    },
    TIMEOUT_MS,
  );

  test(
    'a newcomer is warmed up while the owner goes on, and nothing is counted twice or lost',
    async () => {
      const [input, output] = [await cluster.topic('in', 4), await cluster.topic('out', 4)];
      const slow = { acceptableRecoveryLag: 4, maxWarmupReplicas: 1 };
      const first = await cluster.start(countTopology(input, output), slow);
      await writeAll(input, 5);
      await cluster.read(output, KEYS.length * 5);
      const owners: string[][] = [];
      const note: StateListener = () => owners.push(running(first));
      first.streams.onStateChange(note);
      const second = await cluster.start(countTopology(input, output), slow);
      await eventually(() => running(first).length === 2 && running(second).length === 2, 'two tasks each');
      await eventually(() => first.streams.standbys().length === 0, 'no standby is left');
      // Two tasks moved, one warm-up after the other: in between the first one had three.
      expect(owners.map((tasks) => tasks.length)).toContain(3);
      const bounds = await writeAll(input, 1);
      for (const [index, bound] of bounds.entries()) {
        const key = KEYS[index] as string;
        expect((await first.streams.query<string, number>('counts').get(key, { bound })).value).toBe(6);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'instances in one process come and go, and each time all keys are answered',
    async () => {
      const [input, output] = [await cluster.topic('in', 4), await cluster.topic('out', 4)];
      const one = await cluster.start(countTopology(input, output), ONE_STANDBY);
      await writeAll(input);
      const two = await cluster.start(countTopology(input, output), ONE_STANDBY);
      const three = await cluster.start(countTopology(input, output), ONE_STANDBY);
      const counts = (): number[] => [one, two, three].map((app) => running(app).length).sort();
      await eventually(() => counts().join() === '1,1,2', 'four tasks over three');
      await eventually(
        () => [one, two, three].flatMap(({ streams }) => streams.standbys()).length === 4,
        'four standbys',
      );
      expect(await countsOf(three.streams)).toEqual(KEYS.map(() => 1));
      expect(await three.streams.close()).toBe(true);
      await eventually(() => counts().join() === '0,2,2', 'four tasks over two');
      expect(await countsOf(one.streams)).toEqual(KEYS.map(() => 1));
      expect(await one.streams.close()).toBe(true);
      await eventually(() => counts().join() === '0,0,4', 'four tasks at one');
      expect(await countsOf(two.streams)).toEqual(KEYS.map(() => 1));
    },
    TIMEOUT_MS,
  );

  test(
    'a table that is its own changelog is kept up to what the group has committed',
    async () => {
      const input = await cluster.topic('in', 2);
      const builder = new StreamsBuilder();
      builder.table(input, { key: serdes.string, value: serdes.string, storeName: 'rows' });
      const topology = builder.build({ optimize: 'all' });
      const one = await cluster.start(topology, ONE_STANDBY);
      const two = await cluster.start(topology, ONE_STANDBY);
      await eventually(() => [one, two].every((app) => running(app).length === 1), 'a task each');
      const bounds = await writeAll(input);
      for (const [index, bound] of bounds.entries()) {
        await one.streams.query('rows').get(KEYS[index], { bound });
      }
      await eventually(
        () => [one, two].every((app) => app.streams.tasks().every(({ committed }) => committed)),
        'commits',
      );
      await eventually(
        () => metric(one, 'standby-update-total') + metric(two, 'standby-update-total') === KEYS.length,
        'both follow',
      );
      await one.streams.close();
      await eventually(() => running(two).length === 2, 'all tasks at one');
      expect((await two.streams.query('rows').count()).count).toBe(KEYS.length);
    },
    TIMEOUT_MS,
  );
});
