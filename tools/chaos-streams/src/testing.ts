/** What other tools that kill processes use too. */
export type { BrokerUnderTest } from './broker/broker-under-test.ts';
export { startRealBroker } from './broker/real-broker.ts';
export { Guardian } from './guardian.ts';
export { seededRandom } from './seeded-random.ts';
export type { SeededRandom } from './seeded-random.ts';
export { numberOption, optionsOrExit, UsageError } from './command-line.ts';
