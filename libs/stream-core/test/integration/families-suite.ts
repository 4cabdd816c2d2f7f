import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { JOIN_FAMILIES } from './families/join-families.ts';
import { PROCESSOR_FAMILIES } from './families/processor-families.ts';
import { runInDriver, type Starts } from './families/run-in-driver.ts';
import { makeTopics, runInRuntime } from './families/run-in-runtime.ts';
import { STREAM_FAMILIES } from './families/stream-families.ts';
import { TABLE_FAMILIES } from './families/table-families.ts';
import { WINDOW_FAMILIES } from './families/window-families.ts';

const TIMEOUT_MS = 60_000;

const FAMILIES = [STREAM_FAMILIES, WINDOW_FAMILIES, TABLE_FAMILIES, JOIN_FAMILIES, PROCESSOR_FAMILIES].flat();

const RUNS: readonly (readonly [string, Starts])[] = [
  ['in one go', [[0, 1]]],
  ['with a restart in the middle', [[0], [1]]],
];

/** Every family of operators as an application on a broker: it must leave there what it leaves in the test driver. */
export function familiesSuite(title: string, brokers: () => readonly string[]): void {
  describe.each(RUNS)(`on ${title}, %s, an application does what the driver does:`, (run, starts) => {
    let cluster: ClusterUnderTest;
    let equal = 0;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(() => cluster.close(), TIMEOUT_MS);
    afterAll(() => {
      process.stdout.write(
        `operator families in the runtime on ${title}, ${run}: ${equal} of ${FAMILIES.length} equal to the driver\n`,
      );
    });

    test.each(FAMILIES)(
      '$name',
      async (family) => {
        const topic = await makeTopics(cluster, family);
        const expected = runInDriver(family, cluster.applicationId, topic, starts);
        const found = await runInRuntime(cluster, family, topic, starts);
        expect(Object.values(expected.outputs).every((records) => records.length > 0)).toBe(true);
        expect(found).toEqual(expected);
        const { stores } = runInDriver(family, cluster.applicationId, topic, starts, { undisturbed: true });
        expect(found.stores).toEqual(stores);
        equal++;
      },
      TIMEOUT_MS,
    );
  });
}
