/** What other tools that kill processes use too. */
export type { BrokerUnderTest } from './broker/broker-under-test.ts';
export { EMBEDDED_BROKER_HOST } from './broker/embedded-broker.ts';
export { startRealBroker } from './broker/real-broker.ts';
export { childReady } from './child-ready.ts';
export type { ReadyMessage } from './child-ready.ts';
export { Guardian } from './guardian.ts';
export { seededRandom } from './seeded-random.ts';
export type { SeededRandom } from './seeded-random.ts';
export { commandLine, numberOption, optionsOrExit, UsageError } from './command-line.ts';
