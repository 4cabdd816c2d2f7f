import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StreamsConfig } from '@playhead/stream-core';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { FOREIGN_KEY_FAMILIES } from './families/foreign-key-families.ts';
import { JOIN_FAMILIES } from './families/join-families.ts';
import type { FamilyResult, OperatorFamily } from './families/operator-family.ts';
import { OPTIMIZED_FAMILIES } from './families/optimized-families.ts';
import { PROCESSOR_FAMILIES } from './families/processor-families.ts';
import { runInDriver, type Starts } from './families/run-in-driver.ts';
import { makeTopics, runInRuntime } from './families/run-in-runtime.ts';
import { STREAM_FAMILIES } from './families/stream-families.ts';
import { TABLE_FAMILIES } from './families/table-families.ts';
import { VERSIONED_FAMILIES } from './families/versioned-families.ts';
import { VOLUME_FAMILIES } from './families/volume-families.ts';
import { WINDOW_FAMILIES } from './families/window-families.ts';

const TIMEOUT_MS = 60_000;

const FAMILIES = [
  STREAM_FAMILIES,
  WINDOW_FAMILIES,
  TABLE_FAMILIES,
  JOIN_FAMILIES,
  FOREIGN_KEY_FAMILIES,
  VERSIONED_FAMILIES,
  OPTIMIZED_FAMILIES,
  PROCESSOR_FAMILIES,
  VOLUME_FAMILIES,
].flat();

/** How a family is run: when it is started, and with which guarantee. */
export interface FamilyRun {
  readonly title: string;
  readonly starts: Starts;
  readonly config?: Partial<StreamsConfig>;
  /** Stores on disk count entries that have expired: the numbers are not compared. */
  readonly countsRoughly?: boolean;
}

export const IN_ONE_GO: FamilyRun = { title: 'in one go', starts: [[0, 1]] };
export const WITH_RESTART: FamilyRun = { title: 'with a restart in the middle', starts: [[0], [1]] };
export const EXACTLY_ONCE: FamilyRun = {
  title: 'with a restart in the middle, exactly once',
  starts: [[0], [1]],
  config: { processingGuarantee: 'exactly_once' },
};

/** Every family of operators as an application on a broker: it must leave there what it leaves in the test driver. */
export function familiesSuite(title: string, brokers: () => readonly string[], runs: readonly FamilyRun[]): void {
  describe.each(runs)(`on ${title}, $title, an application does what the driver does:`, (run) => {
    const { starts, config, countsRoughly = false } = run;
    const counted = (result: FamilyResult): FamilyResult => (countsRoughly ? withoutCounts(result) : result);
    let cluster: ClusterUnderTest;
    let equal = 0;
    beforeEach(() => {
      cluster = new ClusterUnderTest(brokers());
    });
    afterEach(() => cluster.close(), TIMEOUT_MS);
    afterAll(() => {
      const count = `${equal} of ${FAMILIES.length} equal to the driver`;
      process.stdout.write(`operator families in the runtime on ${title}, ${run.title}: ${count}\n`);
    });

    test.each(FAMILIES)(
      '$name',
      async (family) => {
        const topic = await makeTopics(cluster, family);
        const inDriver = (options = {}) => runInDriver(family, cluster.applicationId, topic, starts, options);
        const expected = counted(determined(family, inDriver()));
        const found = counted(determined(family, await runInRuntime(cluster, family, topic, starts, config)));
        expect(Object.values(expected.outputs).every((records) => records.length > 0)).toBe(true);
        expect(found).toEqual(expected);
        expect(found.stores).toEqual(counted(determined(family, inDriver({ undisturbed: true }))).stores);
        equal++;
      },
      TIMEOUT_MS,
    );
  });
}

const withoutCounts = (result: FamilyResult): FamilyResult => ({
  ...result,
  stores: Object.fromEntries(
    Object.entries(result.stores).map(([name, lines]) => [name, lines.filter((line) => !/^\d+ entries$/.test(line))]),
  ),
});

/** The part of a result that does not depend on what came first where the family leaves that open. */
function determined({ order }: OperatorFamily, result: FamilyResult): FamilyResult {
  if (order !== 'values') return result;
  // How many answers come too late for the row that asked depends on how far it has gone by then.
  const { 'stale-join-response': _, ...dropped } = result.dropped;
  // Times come with the record that was last.
  const withoutTimes = (all: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, lines]) => [name, lines.map((line) => line.replace(/ @.*$/s, ''))]),
    );
  return {
    ...result,
    dropped,
    outputs: withoutTimes(result.outputs),
    stores: withoutTimes(result.stores),
    changelogs: withoutTimes(result.changelogs),
  };
}
