import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { transactionSuite } from './support/transaction-suite.ts';

describe('transactions on the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  transactionSuite(
    () => broker.address,
    () => broker.restart(),
  );
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('transactions on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  describe('transactions on Apache Kafka', () => {
    transactionSuite(() => real);
  });
}
