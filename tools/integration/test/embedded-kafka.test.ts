import { afterAll, beforeAll } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@playhead/embedded-kafka/testing';
import { runIntegrationSuite } from './broker-suite.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker({ compactionIntervalMs: 100 });
});

afterAll(() => broker.close());

runIntegrationSuite('the embedded broker', () => [`127.0.0.1:${broker.port}`]);
