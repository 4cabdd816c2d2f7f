import { test } from '@jest/globals';
import { exactlyOnceSuite } from './exactly-once-suite.ts';

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('exactly_once on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  exactlyOnceSuite('Apache Kafka', () => [real]);
}
