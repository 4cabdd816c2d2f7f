import { describe, test } from '@jest/globals';
import { dslSuite } from './dsl-suite.ts';
import { EXACTLY_ONCE, IN_ONE_GO, familiesSuite } from './families-suite.ts';
import { operationsSuite } from './operations-suite.ts';
import { queriesSuite } from './queries-suite.ts';
import { streamsSuite } from './streams-suite.ts';

const brokers = process.env['REAL_KAFKA_BROKERS'];

if (brokers === undefined) {
  process.stdout.write('skipped: applications on a real Apache Kafka (REAL_KAFKA_BROKERS is not set)\n');
  describe.skip('applications on a real Apache Kafka', () => {
    test('need REAL_KAFKA_BROKERS', () => undefined);
  });
} else {
  streamsSuite('a real Apache Kafka', () => brokers.split(','));
  dslSuite('a real Apache Kafka', () => brokers.split(','));
  queriesSuite('a real Apache Kafka', () => brokers.split(','));
  operationsSuite('a real Apache Kafka', () => brokers.split(','));
  familiesSuite('a real Apache Kafka', () => brokers.split(','), [IN_ONE_GO, EXACTLY_ONCE]);
}
