import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ClientDriver } from '../drivers/client-driver.ts';
import { waitUntil } from '../wait-until.ts';
import type { CaseContext, ConformanceCase } from './conformance-case.ts';

const PARTITIONS = 3;
/** Input partitions, and as many of the repartition topic. */
const TASKS = 2 * PARTITIONS;
const KEYS = 20;

interface Application {
  readonly application: string;
  readonly input: string;
  readonly output: string;
  /** Starts an instance and waits for nothing. */
  start(options?: { readonly codec?: string; readonly failAt?: number }): Promise<ClientDriver>;
  /** Sends every key so many times. */
  send(times: number): Promise<void>;
  /** Waits until every key was counted up to `times`, and checks that it was counted by one, in order, with nothing twice. */
  expectCounts(times: number, limitMs?: number): Promise<void>;
}

async function application(context: CaseContext): Promise<Application> {
  const names = { application: context.unique('app'), input: context.unique('in'), output: context.unique('out') };
  await context.own.createTopic(names.input, PARTITIONS);
  await context.own.createTopic(names.output, 1);
  const reader = context.open();
  let instances = 0;
  return {
    ...names,
    async start(options = {}) {
      const instance = context.open();
      const stateDirectory = join(context.temporaryDirectory, `${names.application}-${instances++}`);
      await instance.call('startStreams', { ...names, stateDirectory, ...options });
      return instance;
    },
    async send(times) {
      for (let round = 0; round < times; round++) {
        const values = Array.from({ length: KEYS }, (_, key) => `k${key}`);
        await context.own.send(names.input, values, PARTITIONS);
      }
    },
    async expectCounts(times, limitMs) {
      const read = () => reader.call('read', { topic: names.output, partition: 0, isolation: 'read_committed' });
      const records = await waitUntil(`${KEYS * times} counts`, read, ({ length }) => length >= KEYS * times, limitMs);
      const counts = new Map<string, number[]>();
      for (const { value } of records) {
        const [key, count] = value.split('=') as [string, string];
        counts.set(key, [...(counts.get(key) ?? []), Number(count)]);
      }
      const expected = Array.from({ length: times }, (_, i) => i + 1);
      assert.equal(counts.size, KEYS, 'keys that were counted');
      for (const [key, found] of counts) assert.deepEqual(found, expected, `counts of ${key}`);
    },
  };
}

async function tasksOf(instances: readonly ClientDriver[]): Promise<readonly number[]> {
  const states = await Promise.all(instances.map((instance) => instance.call('streamsState', {})));
  return states.map(({ state, tasks }) => (state === 'RUNNING' ? tasks : 0));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Every record goes through a repartition topic and a store and is counted once. */
export const repartitionsAndCountsOnce: ConformanceCase = {
  capability: 'transaction: commit',
  name: 'repartitions-and-counts-once',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    await app.start();
    await app.send(50);
    await app.expectCounts(50);
  },
};

/** Records, changelog and output in each codec in turn, by one application. */
export const countsInEveryCodec: ConformanceCase = {
  capability: 'codecs',
  name: 'counts-in-every-codec',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    let times = 0;
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
      const instance = await app.start({ codec });
      await app.send(5);
      times += 5;
      await app.expectCounts(times);
      assert.equal(await instance.call('stopStreams', {}), true, 'closed in time');
    }
    assert.deepEqual([...(await context.own.codecsOf(app.output))], ['gzip', 'snappy', 'lz4', 'zstd']);
  },
};

/** Three instances share the tasks, one leaves, two go on. */
export const threeInstancesAndOneLeaves: ConformanceCase = {
  capability: 'group of three, one leaves',
  name: 'three-instances-and-one-leaves',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    const instances = await Promise.all([app.start(), app.start(), app.start()]);
    const all = (tasks: readonly number[]): boolean => sum(tasks) === TASKS && tasks.every((count) => count > 0);
    await waitUntil(`${TASKS} tasks shared by three`, () => tasksOf(instances), all);
    await app.send(10);
    await app.expectCounts(10);
    const [leaving, ...staying] = instances;
    assert.equal(await leaving.call('stopStreams', {}), true, 'closed in time');
    await waitUntil(`${TASKS} tasks shared by two`, () => tasksOf(staying), all);
    await app.send(10);
    await app.expectCounts(20);
  },
};

/** Exactly once over restarts of the broker. */
export const countsOverARestart: ConformanceCase = {
  capability: 'restart of the broker',
  name: 'counts-once-over-restarts',
  kind: 'streams',
  needs: [],
  restartsBroker: true,
  async run(context) {
    const app = await application(context);
    await app.start();
    let times = 0;
    await context.duringRestarts(2, async () => {
      await app.send(10);
      times += 10;
    });
    await app.expectCounts(times, 80_000);
  },
};

/** A failure in the middle of a transaction: it is aborted, another thread takes over and nothing is counted twice. */
export const failedTransactionCountsNothing: ConformanceCase = {
  capability: 'transaction: abort',
  name: 'failed-transaction-counts-nothing',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    await app.send(20);
    const instance = await app.start({ failAt: 117 });
    await app.expectCounts(20);
    assert.equal((await instance.call('streamsState', {})).failures, 1, 'failures');
  },
};

/** An instance is killed in a transaction: its successor fences it and nothing of that transaction counts. */
export const killedInstanceIsTakenOver: ConformanceCase = {
  capability: 'transaction: fence',
  name: 'killed-instance-is-taken-over',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    const first = await app.start();
    await app.send(10);
    await app.expectCounts(10);
    const sending = app.send(40);
    await first.kill();
    await app.start();
    await sending;
    await app.expectCounts(50);
  },
};

/** Repartition and changelog topics with the settings that Kafka Streams asks for. */
export const makesItsInternalTopics: ConformanceCase = {
  capability: 'admin',
  name: 'makes-its-internal-topics',
  kind: 'streams',
  needs: [],
  async run(context) {
    const app = await application(context);
    await app.start();
    await app.send(2);
    await app.expectCounts(2);
    const changelog = await context.own.configOf(`${app.application}-counts-changelog`);
    assert.equal(changelog.get('cleanup.policy'), 'compact', 'cleanup.policy of the changelog');
    const repartition = await context.own.configOf(`${app.application}-by-value-repartition`);
    assert.equal(repartition.get('cleanup.policy'), 'delete', 'cleanup.policy of the repartition topic');
    assert.equal(repartition.get('retention.ms'), '-1', 'retention.ms of the repartition topic');
  },
};
