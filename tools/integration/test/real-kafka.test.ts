import { describe, it } from '@jest/globals';
import { runIntegrationSuite } from './broker-suite.ts';

const brokers = process.env['REAL_KAFKA_BROKERS'];

if (brokers === undefined) {
  process.stdout.write('skipped: the integration suite on a real Apache Kafka (REAL_KAFKA_BROKERS is not set)\n');
  describe.skip('a real Apache Kafka', () => {
    it('needs REAL_KAFKA_BROKERS', () => undefined);
  });
} else {
  runIntegrationSuite('a real Apache Kafka', () => brokers.split(','));
}
