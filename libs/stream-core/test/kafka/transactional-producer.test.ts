import { describe, test } from '@jest/globals';
import { transactionSuite } from './support/transaction-suite.ts';

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('transactions on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  describe('transactions on Apache Kafka', () => {
    transactionSuite(() => real);
  });
}
