import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../src/kafka/consumer-protocol.ts';

const userData = fc.option(
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  { nil: null },
);
const partitions = fc.uniqueArray(fc.record({ topic: fc.constantFrom('a', 'b', 'ü'), partition: fc.nat(9) }), {
  selector: ({ topic, partition }) => `${topic}-${partition}`,
});
const inOrder = (list: readonly { topic: string; partition: number }[]): string[] =>
  list.map(({ topic, partition }) => `${topic}-${partition}`).sort();

describe('the consumer protocol', () => {
  test('a subscription comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), userData, partitions, (topics, data, ownedPartitions) => {
        const read = decodeSubscription(encodeSubscription({ topics, userData: data, ownedPartitions }));
        expect({ ...read, ownedPartitions: inOrder(read.ownedPartitions) }).toEqual({
          topics,
          userData: data,
          ownedPartitions: inOrder(ownedPartitions),
        });
      }),
    );
  });

  test('an assignment comes back as it was', () => {
    fc.assert(
      fc.property(partitions, userData, (assigned, data) => {
        const read = decodeAssignment(encodeAssignment({ partitions: assigned, userData: data }));
        expect({ ...read, partitions: inOrder(read.partitions) }).toEqual({
          partitions: inOrder(assigned),
          userData: data,
        });
      }),
    );
  });

  test('the empty bytes of a group without a leader’s word are an empty assignment', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], userData: null });
  });

  test('is laid out as Kafka lays it out', () => {
    const assignment = encodeAssignment({ partitions: [{ topic: 't', partition: 3 }], userData: null });
    expect(assignment.toString('hex')).toBe(
      ['0000', '00000001', '0001', '74', '00000001', '00000003', 'ffffffff'].join(''),
    );
  });
});
