import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { readCommittedSuite } from './support/read-committed-suite.ts';

describe('what read_committed leaves out on the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  readCommittedSuite(() => broker.address);
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('what read_committed leaves out on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () =>
    undefined);
} else {
  describe('what read_committed leaves out on Apache Kafka', () => {
    readCommittedSuite(() => real);
  });
}
