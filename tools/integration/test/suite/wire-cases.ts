import { expect } from '@jest/globals';
import { apiVersionsApi, ErrorCode, fetchApi, listOffsetsApi, metadataApi, produceApi } from '@playhead/kafka-protocol';
import { type IntegrationCase, uniqueName } from './integration-case.ts';
import { newTopic } from './kafkajs-client.ts';
import { fetch, fetchRequest, offsetsIn, produce, producerIdentity } from './log-requests.ts';
import { batchOf, withWire } from './wire-client.ts';

/** ApiVersions in a version that no broker knows: a flexible header, as that version has one, and an empty body. */
function unknownApiVersionsRequest(): Buffer {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + 1);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(99, 6);
  request.writeInt32BE(7, 8);
  request.writeInt16BE(-1, 12);
  return request;
}

export const wireCases: readonly IntegrationCase[] = [
  {
    name: 'an unknown version of ApiVersions is answered in version 0 with the list',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const frame = await wire.sendRaw(unknownApiVersionsRequest());
        expect(frame.readInt32BE(0)).toBe(7);
        expect(frame.readInt16BE(4)).toBe(ErrorCode.UNSUPPORTED_VERSION);
        expect(frame.readInt32BE(6)).toBeGreaterThan(0);
      }),
  },
  {
    name: 'produce is reported from version 0, so that librdkafka compresses',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const { apiKeys } = await wire.send(apiVersionsApi, 2, {});
        expect(apiKeys.find(({ apiKey }) => apiKey === produceApi.key)?.minVersion).toBe(0);
      }),
  },
  {
    name: 'a version that an API does not have closes the connection',
    run: (brokers) =>
      withWire(brokers, async (wire) => {
        const request = unknownApiVersionsRequest();
        request.writeInt16BE(metadataApi.key, 4);
        await expect(wire.sendRaw(request)).rejects.toThrow('closed');
      }),
  },
  {
    name: 'metadata without topics names none, with null all',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'metadata');
      await withWire(brokers, async (wire) => {
        const none = await wire.send(metadataApi, 5, { topics: [], allowAutoTopicCreation: false });
        expect(none.topics).toEqual([]);
        const all = await wire.send(metadataApi, 5, { topics: null, allowAutoTopicCreation: false });
        expect(all.topics.map(({ name }) => name)).toContain(topic);
      });
    },
  },
  {
    name: 'metadata of a topic that does not exist is an error of that topic only',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'metadata-error');
      await withWire(brokers, async (wire) => {
        const missing = uniqueName('missing');
        const { topics } = await wire.send(metadataApi, 5, {
          topics: [{ name: missing }, { name: topic }],
          allowAutoTopicCreation: false,
        });
        const errors = new Map(topics.map(({ name, errorCode }) => [name, errorCode]));
        expect(errors.get(missing)).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        expect(errors.get(topic)).toBe(ErrorCode.NONE);
      });
    },
  },
  {
    name: 'a fetch from inside a batch gives the whole batch',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'mid-batch');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['a', 'b', 'c', 'd', 'e']));
        expect(offsetsIn((await fetch(wire, topic, 3)).records)).toEqual([0, 1, 2, 3, 4]);
      });
    },
  },
  {
    name: 'a batch larger than the fetch limit comes all the same',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'one-batch');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['x'.repeat(10_000), 'y']));
        expect(offsetsIn((await fetch(wire, topic, 0, { partitionMaxBytes: 100 })).records)).toEqual([0, 1]);
      });
    },
  },
  {
    name: 'a fetch at the end is empty, beyond it out of range',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'edges');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['a', 'b']));
        const atEnd = await fetch(wire, topic, 2, { maxWaitMs: 50 });
        expect([atEnd.errorCode, atEnd.highWatermark, offsetsIn(atEnd.records)]).toEqual([ErrorCode.NONE, 2, []]);
        expect((await fetch(wire, topic, 3)).errorCode).toBe(ErrorCode.OFFSET_OUT_OF_RANGE);
      });
    },
  },
  {
    name: 'answers come in the order of the requests, also behind a fetch that waits',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'in-order');
      await withWire(brokers, async (wire) => {
        const order: string[] = [];
        const waiting = wire
          .send(fetchApi, 11, fetchRequest(topic, 0, { maxWaitMs: 400 }))
          .then(() => order.push('fetch'));
        const behind = wire
          .send(metadataApi, 5, { topics: [], allowAutoTopicCreation: false })
          .then(() => order.push('metadata'));
        await Promise.all([waiting, behind]);
        expect(order).toEqual(['fetch', 'metadata']);
      });
    },
  },
  {
    name: 'a produce without acknowledgement is not answered and is stored',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'acks-0');
      await withWire(brokers, async (wire) => {
        wire.sendOnly(produceApi, 7, {
          transactionalId: null,
          acks: 0,
          timeoutMs: 5000,
          topicData: [{ name: topic, partitionData: [{ index: 0, records: batchOf(['a']) }] }],
        });
        expect((await wire.send(apiVersionsApi, 2, {})).errorCode).toBe(ErrorCode.NONE);
        expect(offsetsIn((await fetch(wire, topic, 0, { maxWaitMs: 5000 })).records)).toEqual([0]);
      });
    },
  },
  {
    name: 'a batch that is sent again is acknowledged with its first offset and stored once',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'duplicate');
      await withWire(brokers, async (wire) => {
        const identity = await producerIdentity(wire);
        const batch = batchOf(['a', 'b'], identity);
        expect(await produce(wire, topic, batch)).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0 });
        const again = await produce(wire, topic, batch);
        expect([ErrorCode.NONE, ErrorCode.DUPLICATE_SEQUENCE_NUMBER]).toContain(again.errorCode);
        expect(offsetsIn((await fetch(wire, topic, 0)).records)).toEqual([0, 1]);
      });
    },
  },
  {
    name: 'a gap in the sequence of a producer is refused',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'sequence-gap');
      await withWire(brokers, async (wire) => {
        const identity = await producerIdentity(wire);
        await produce(wire, topic, batchOf(['a'], identity));
        const gap = await produce(wire, topic, batchOf(['c'], { ...identity, baseSequence: 2 }));
        expect(gap.errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
        const next = await produce(wire, topic, batchOf(['b'], { ...identity, baseSequence: 1 }));
        expect(next.errorCode).toBe(ErrorCode.NONE);
      });
    },
  },
  {
    name: 'a batch with a wrong checksum is refused',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'checksum');
      await withWire(brokers, async (wire) => {
        const batch = Buffer.from(batchOf(['a']));
        batch[batch.length - 2]! ^= 0xff;
        expect((await produce(wire, topic, batch)).errorCode).toBe(ErrorCode.CORRUPT_MESSAGE);
        expect(offsetsIn((await fetch(wire, topic, 0, { maxWaitMs: 50 })).records)).toEqual([]);
      });
    },
  },
  {
    name: 'the ends of a partition are listed',
    run: async (brokers) => {
      const topic = await newTopic(brokers, 'list-offsets');
      await withWire(brokers, async (wire) => {
        await produce(wire, topic, batchOf(['a', 'b', 'c']));
        const at = async (timestamp: number): Promise<number> => {
          const answer = await wire.send(listOffsetsApi, 3, {
            replicaId: -1,
            isolationLevel: 0,
            topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
          });
          return answer.topics[0]!.partitions[0]!.offset;
        };
        expect(await at(-2)).toBe(0);
        expect(await at(-1)).toBe(3);
      });
    },
  },
];
