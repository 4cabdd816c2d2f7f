import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { clientSuite } from './support/client-suite.ts';

describe('the client on the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  clientSuite(
    () => broker.address,
    () => broker.restart(),
  );
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('the client on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  describe('the client on Apache Kafka', () => {
    clientSuite(() => real);
  });
}
