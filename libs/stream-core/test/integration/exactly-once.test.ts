import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import { ErrorCode, txnOffsetCommitApi } from '@playhead/kafka-protocol';
import { exactlyOnceSuite } from './exactly-once-suite.ts';

describe('with the embedded broker', () => {
  let broker: TestBroker;

  beforeAll(async () => {
    broker = await startTestBroker();
  });

  afterAll(() => broker.close());

  exactlyOnceSuite(
    'the embedded broker',
    () => [broker.address],
    (count) => {
      // Every other one: those in between have to go through.
      for (let i = 0; i < count; i++)
        broker.control.fail(txnOffsetCommitApi.key, { nth: 2 * i + 1, errorCode: ErrorCode.INVALID_TXN_STATE });
    },
  );
});

const real = process.env['REAL_KAFKA_BROKERS'];
if (real === undefined) {
  test.skip('exactly_once on Apache Kafka: skipped, REAL_KAFKA_BROKERS (host:port) is not set', () => undefined);
} else {
  exactlyOnceSuite('Apache Kafka', () => [real]);
}
