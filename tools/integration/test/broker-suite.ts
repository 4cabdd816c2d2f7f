import { afterAll, describe, it } from '@jest/globals';
import { groupsSuite } from './broker-groups-suite.ts';
import { transactionsSuite } from './broker-transactions-suite.ts';
import { adminCases } from './suite/admin-cases.ts';
import { compactionCases } from './suite/compaction-cases.ts';
import { groupCases } from './suite/group-cases.ts';
import { groupWireCases } from './suite/group-wire-cases.ts';
import type { IntegrationCase } from './suite/integration-case.ts';
import { partitionWireCases } from './suite/partition-wire-cases.ts';
import { produceCases } from './suite/produce-cases.ts';
import { strangerCases } from './suite/stranger-cases.ts';
import { wireCases } from './suite/wire-cases.ts';

const CASE_TIMEOUT_MS = 120_000;

/** The integration suite, by subject: the same list for every broker. */
export const integrationCases: Readonly<Record<string, readonly IntegrationCase[]>> = {
  administration: adminCases,
  'produce and fetch': produceCases,
  groups: groupCases,
  'the wire': wireCases,
  'partitions on the wire': partitionWireCases,
  'groups on the wire': groupWireCases,
  compaction: compactionCases,
  'what strangers ask': strangerCases,
  ...groupsSuite,
  ...transactionsSuite,
};

/** Registers every case against the broker that `brokers` names when a case starts; prints how many passed. */
export function runIntegrationSuite(title: string, brokers: () => readonly string[]): void {
  let passed = 0;
  const total = Object.values(integrationCases).flat().length;
  describe(title, () => {
    afterAll(() => {
      process.stdout.write(`integration suite on ${title}: ${passed} of ${total} cases passed\n`);
    });
    for (const [subject, cases] of Object.entries(integrationCases)) {
      describe(subject, () => {
        it.each([...cases])(
          '$name',
          async ({ run }) => {
            await run(brokers());
            passed += 1;
          },
          CASE_TIMEOUT_MS,
        );
      });
    }
  });
}
