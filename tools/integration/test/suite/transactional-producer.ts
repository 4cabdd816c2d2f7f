import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  ErrorCode,
  fetchApi,
  findCoordinatorApi,
  initProducerIdApi,
  listOffsetsApi,
  produceApi,
  RecordBatchWriter,
  RecordCursor,
  type RequestInputOf,
  type ResponseOf,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import { eventually, uniqueName } from './integration-case.ts';
import type { WireClient } from './wire-client.ts';

type Fetched = ResponseOf<typeof fetchApi>['responses'][number]['partitions'][number];
type Produced = ResponseOf<typeof produceApi>['responses'][number]['partitionResponses'][number];
type Member = Pick<RequestInputOf<typeof txnOffsetCommitApi>, 'generationId' | 'memberId' | 'groupInstanceId'>;

const TRANSACTION = 1;
/** What a coordinator answers that has just started, or is still carrying out the transaction before. */
const NOT_YET: ReadonlySet<number> = new Set([
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
]);

/** A producer id with its epoch. */
export interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Asks again while the coordinator is busy. */
function settled(ask: () => Promise<number>): Promise<number> {
  return eventually('the coordinator', async () => {
    const errorCode = await ask();
    return NOT_YET.has(errorCode) ? undefined : errorCode;
  });
}

/** InitProducerId as it is; `expected` is what the producer believes to have. */
export async function initOnce(
  wire: WireClient,
  transactionalId: string | null,
  options: { readonly version?: number; readonly timeoutMs?: number; readonly expected?: Partial<Identity> } = {},
): Promise<Identity & { readonly errorCode: number }> {
  const { version = 4, timeoutMs = 60_000, expected = {} } = options;
  const request = { transactionalId, transactionTimeoutMs: timeoutMs, ...expected };
  const { errorCode, producerId, producerEpoch } = await wire.send(initProducerIdApi, version, request);
  return { errorCode, producerId, producerEpoch };
}

/** One transactional id on one connection; its methods answer error codes, and those that begin something wait while the coordinator is busy. */
export class TransactionalProducer {
  readonly transactionalId: string;
  identity: Identity = { producerId: -1, producerEpoch: -1 };
  /** By partition of its topic: the next sequence. */
  readonly #sequences = new Map<number, number>();
  readonly #wire: WireClient;
  readonly #topic: string;

  constructor(wire: WireClient, topic: string, transactionalId: string = uniqueName('tx')) {
    this.#wire = wire;
    this.#topic = topic;
    this.transactionalId = transactionalId;
  }

  /** A producer that has its id and epoch, which fences the one before. */
  static async start(
    wire: WireClient,
    topic: string,
    options: { readonly transactionalId?: string; readonly timeoutMs?: number } = {},
  ): Promise<TransactionalProducer> {
    const producer = new TransactionalProducer(wire, topic, options.transactionalId);
    await eventually('the transaction coordinator', async () => {
      const key = producer.transactionalId;
      const found = await wire.send(findCoordinatorApi, 2, { key, keyType: TRANSACTION });
      if (found.errorCode !== ErrorCode.NONE) return undefined;
      const { errorCode, ...identity } = await initOnce(wire, key, options);
      if (NOT_YET.has(errorCode)) return undefined;
      if (errorCode !== ErrorCode.NONE) throw new Error(`InitProducerId of ${key}: error ${errorCode}`);
      producer.identity = identity;
      return true;
    });
    return producer;
  }

  /** Adds partitions of the topic; the answer is the first one's. */
  add(partitions: readonly number[] = [0], as: Partial<Identity> = {}, version = 2): Promise<number> {
    return settled(async () => {
      const topics = [{ name: this.#topic, partitions: [...partitions] }];
      const answer = await this.#wire.send(addPartitionsToTxnApi, version, { ...this.#names(as), topics });
      return answer.resultsByTopic[0]!.resultsByPartition[0]!.partitionErrorCode;
    });
  }

  addOffsets(groupId: string, as: Partial<Identity> = {}, version = 2): Promise<number> {
    return settled(
      async () => (await this.#wire.send(addOffsetsToTxnApi, version, { ...this.#names(as), groupId })).errorCode,
    );
  }

  /** Produces records in the transaction, as many as values, with the next sequence. */
  async produce(values: readonly string[], partition = 0): Promise<Produced> {
    const baseSequence = this.#sequences.get(partition) ?? 0;
    const result = await this.produceBatch(this.batch(values, { baseSequence }), { partition });
    if (result.errorCode === ErrorCode.NONE) this.#sequences.set(partition, baseSequence + values.length);
    return result;
  }

  /** A batch in the producer's name. */
  batch(
    values: readonly string[],
    options: Partial<Identity> & { readonly baseSequence: number; readonly isTransactional?: boolean },
  ): Buffer {
    const writer = new RecordBatchWriter();
    for (const value of values) writer.append(Date.now(), 'k', value);
    return Buffer.from(writer.seal({ ...this.identity, isTransactional: true, ...options }));
  }

  async produceBatch(
    records: Buffer,
    options: { readonly partition?: number; readonly transactionalId?: string | null } = {},
  ): Promise<Produced> {
    const { partition: index = 0, transactionalId = this.transactionalId } = options;
    const topicData = [{ name: this.#topic, partitionData: [{ index, records }] }];
    return eventually('a produce that is not to be tried again', async () => {
      const answer = await this.#wire.send(produceApi, 7, { transactionalId, acks: -1, timeoutMs: 5000, topicData });
      const result = answer.responses[0]!.partitionResponses[0]!;
      return result.errorCode === ErrorCode.NOT_ENOUGH_REPLICAS ? undefined : result;
    });
  }

  async commitOffset(
    groupId: string,
    committedOffset: number,
    options: { readonly as?: Partial<Identity>; readonly member?: Member; readonly version?: number } = {},
  ): Promise<number> {
    const { as = {}, member = {}, version = 3 } = options;
    const partitions = [{ partitionIndex: 0, committedOffset }];
    const topics = [{ name: this.#topic, partitions }];
    return settled(async () => {
      const request = { ...this.#names(as), groupId, ...member, topics };
      const answer = await this.#wire.send(txnOffsetCommitApi, version, request);
      return answer.topics[0]!.partitions[0]!.errorCode;
    });
  }

  /** EndTxn once. */
  async endOnce(committed: boolean, as: Partial<Identity> = {}, version = 2): Promise<number> {
    return (await this.#wire.send(endTxnApi, version, { ...this.#names(as), committed })).errorCode;
  }

  /** Ends the transaction and waits until it is carried out, which the answer alone does not say. */
  async end(committed: boolean): Promise<number> {
    const errorCode = await this.endOnce(committed);
    if (errorCode === ErrorCode.NONE) await settled(() => this.endOnce(committed));
    return errorCode;
  }

  #names(as: Partial<Identity>): { transactionalId: string } & Identity {
    return { transactionalId: this.transactionalId, ...this.identity, ...as };
  }
}

/** Isolation levels of reads. */
export const Isolation = { UNCOMMITTED: 0, COMMITTED: 1 } as const;

/** Fetches a partition. */
export async function fetchIsolated(
  wire: WireClient,
  topic: string,
  fetchOffset: number,
  options: { readonly partition?: number; readonly isolationLevel?: number; readonly maxWaitMs?: number } = {},
): Promise<Fetched> {
  const { partition = 0, isolationLevel = Isolation.COMMITTED, maxWaitMs = 50 } = options;
  const answer = await wire.send(fetchApi, 11, {
    maxWaitMs,
    minBytes: 1,
    isolationLevel,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
  });
  return answer.responses[0]!.partitions[0]!;
}

/** The offset that a reader is told for a time; −1 asks for the end. */
export async function listIsolated(
  wire: WireClient,
  topic: string,
  timestamp: number,
  isolationLevel: number = Isolation.COMMITTED,
): Promise<number> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }];
  const answer = await wire.send(listOffsetsApi, 5, { replicaId: -1, isolationLevel, topics });
  return answer.topics[0]!.partitions[0]!.offset;
}

/** What is in fetched records: values with their offsets, and markers, as `0:a` and `1:commit`. */
export function contentOf(records: Buffer | null): string[] {
  const cursor = new RecordCursor().reset(records ?? Buffer.alloc(0));
  const found: string[] = [];
  while (cursor.nextBatch()) {
    while (cursor.next()) {
      const marker = cursor.isControl ? ['abort', 'commit'][cursor.controlType()] : undefined;
      found.push(`${cursor.offset}:${marker ?? cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd)}`);
    }
  }
  return found;
}

/** What a consumer that reads committed records is given: without markers and without the aborted transactions that the broker names. */
export function committedOf({ records, abortedTransactions }: Fetched): string[] {
  const waiting = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<number>();
  const cursor = new RecordCursor().reset(records ?? Buffer.alloc(0));
  const found: string[] = [];
  while (cursor.nextBatch()) {
    while (waiting.length > 0 && waiting[0]!.firstOffset <= cursor.lastOffset)
      aborting.add(waiting.shift()!.producerId);
    while (cursor.next()) {
      if (cursor.isControl) aborting.delete(cursor.producerId);
      else if (!cursor.isTransactional || !aborting.has(cursor.producerId))
        found.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
    }
  }
  return found;
}
