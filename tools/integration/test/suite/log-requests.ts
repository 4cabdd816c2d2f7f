import {
  ErrorCode,
  fetchApi,
  initProducerIdApi,
  produceApi,
  RecordCursor,
  type RequestInputOf,
  type ResponseOf,
} from '@playhead/kafka-protocol';
import { eventually } from './integration-case.ts';
import type { BatchIdentity, WireClient } from './wire-client.ts';

type Produced = ResponseOf<typeof produceApi>['responses'][number]['partitionResponses'][number];
type Fetched = ResponseOf<typeof fetchApi>['responses'][number]['partitions'][number];

/** Produces to partition 0 and answers its result. */
export async function produce(wire: WireClient, topic: string, records: Buffer): Promise<Produced> {
  const answer = await wire.send(produceApi, 7, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  return answer.responses[0]!.partitionResponses[0]!;
}

/** What a fetch may say differently from one that waits half a second for a byte. */
export interface FetchLimits {
  readonly partitionMaxBytes?: number;
  readonly maxWaitMs?: number;
}

/** A fetch of partition 0. */
export const fetchRequest = (
  topic: string,
  fetchOffset: number,
  limits: FetchLimits,
): RequestInputOf<typeof fetchApi> => ({
  maxWaitMs: limits.maxWaitMs ?? 500,
  minBytes: 1,
  topics: [
    { topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: limits.partitionMaxBytes ?? 1_000_000 }] },
  ],
});

/** Fetches partition 0 and answers its result. */
export async function fetch(
  wire: WireClient,
  topic: string,
  offset: number,
  limits: FetchLimits = {},
): Promise<Fetched> {
  const answer = await wire.send(fetchApi, 11, fetchRequest(topic, offset, limits));
  return answer.responses[0]!.partitions[0]!;
}

/** The offsets of all records of a fetched record set, those before the fetched offset too. */
export function offsetsIn(records: Buffer | null): number[] {
  const cursor = new RecordCursor().reset(records ?? Buffer.alloc(0));
  const offsets: number[] = [];
  while (cursor.nextBatch()) while (cursor.next()) offsets.push(cursor.offset);
  return offsets;
}

/** A fresh producer id; a broker that has just started may still be loading its producer ids. */
export const producerIdentity = (wire: WireClient): Promise<BatchIdentity> =>
  eventually('a producer id', async () => {
    const answer = await wire.send(initProducerIdApi, 1, { transactionalId: null, transactionTimeoutMs: 60_000 });
    const { producerId, producerEpoch, errorCode } = answer;
    return errorCode === ErrorCode.NONE ? { producerId, producerEpoch, baseSequence: 0 } : undefined;
  });
