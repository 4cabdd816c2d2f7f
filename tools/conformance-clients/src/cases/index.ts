import { administersTopicsAndGroups, listsTopicsAndPartitions } from './admin-cases.ts';
import { writtenByOneReadByAll } from './codec-cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { threeShareAndOneLeaves } from './group-cases.ts';
import { goesOnOverRestarts } from './restart-cases.ts';
import {
  countsInEveryCodec,
  countsOverARestart,
  failedTransactionCountsNothing,
  killedInstanceIsTakenOver,
  makesItsInternalTopics,
  repartitionsAndCountsOnce,
  threeInstancesAndOneLeaves,
} from './streams-cases.ts';
import { findsAndReadsFromATime } from './time-cases.ts';
import { appearsWithItsCommit, isGoneWithItsAbort, secondFencesTheFirst } from './transaction-cases.ts';

/** Every case. Of a capability a client runs the first whose needs it meets. */
export const CASES: readonly ConformanceCase[] = [
  writtenByOneReadByAll,
  countsInEveryCodec,
  threeShareAndOneLeaves,
  threeInstancesAndOneLeaves,
  goesOnOverRestarts,
  countsOverARestart,
  findsAndReadsFromATime,
  appearsWithItsCommit,
  repartitionsAndCountsOnce,
  isGoneWithItsAbort,
  failedTransactionCountsNothing,
  secondFencesTheFirst,
  killedInstanceIsTakenOver,
  administersTopicsAndGroups,
  listsTopicsAndPartitions,
  makesItsInternalTopics,
];
