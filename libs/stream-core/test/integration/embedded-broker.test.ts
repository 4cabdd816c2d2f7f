import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { dslSuite } from './dsl-suite.ts';
import { operationsSuite } from './operations-suite.ts';
import { queriesSuite } from './queries-suite.ts';
import { streamsSuite } from './streams-suite.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.close());

streamsSuite('the embedded broker', () => [broker.address]);
dslSuite('the embedded broker', () => [broker.address]);
queriesSuite('the embedded broker', () => [broker.address]);
operationsSuite('the embedded broker', () => [broker.address]);
