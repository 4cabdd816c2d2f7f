import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { EXACTLY_ONCE, IN_ONE_GO, WITH_RESTART, familiesSuite } from './families-suite.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
});
afterAll(() => broker.close());

familiesSuite('the embedded broker', () => [broker.address], [IN_ONE_GO, WITH_RESTART, EXACTLY_ONCE]);
