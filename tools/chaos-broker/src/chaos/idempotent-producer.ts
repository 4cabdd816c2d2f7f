import { ErrorCode, initProducerIdApi, RecordBatchWriter } from '@playhead/kafka-protocol';
import type { RawClient } from '@playhead/embedded-kafka/testing';
import { BrokerRefusal, type PartitionName, produce } from '../one-partition.ts';
import { Connection, isWorthRetrying, type LoadContext, NoAnswer } from './load.ts';

/** A record to send; a null value is a tombstone. */
export interface RecordToSend {
  readonly key: string | null;
  readonly value: string | null;
}

interface Batch {
  readonly bytes: Buffer;
  acknowledged: boolean;
}

/** Of one producer so many batches may be unanswered at a time; brokers remember five. */
const MAX_UNANSWERED = 4;

/** An idempotent producer of one partition: several batches unanswered at a time, and the same ones again after a lost connection. */
export class IdempotentProducer {
  readonly #where: PartitionName;
  readonly #context: LoadContext;
  readonly #connection: Connection;
  #producerId = -1;
  #sequence = 0;

  constructor(where: PartitionName, context: LoadContext) {
    this.#where = where;
    this.#context = context;
    this.#connection = new Connection(context.broker);
  }

  /** Sends batches in their order, at most four; resolves when all are acknowledged. */
  async send(batches: readonly (readonly RecordToSend[])[]): Promise<void> {
    if (batches.length > MAX_UNANSWERED) throw new Error(`${batches.length} batches, allowed are ${MAX_UNANSWERED}`);
    if (this.#producerId < 0) this.#producerId = await this.#init();
    const unanswered = batches.map((records): Batch => ({ bytes: this.#seal(records), acknowledged: false }));
    while (unanswered.some(({ acknowledged }) => !acknowledged)) {
      const left = unanswered.filter(({ acknowledged }) => !acknowledged);
      const outcomes = await Promise.allSettled(left.map((batch) => this.#sendOne(batch)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') this.#complain(outcome.reason);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #sendOne(batch: Batch): Promise<void> {
    await this.#connection.ask((client) =>
      this.#context.inFlight.during(() => produce(client, this.#where, batch.bytes)),
    );
    batch.acknowledged = true;
  }

  /** What is no lost connection and no call for patience means that the broker has forgotten something. */
  #complain(reason: unknown): void {
    if (reason instanceof NoAnswer || isWorthRetrying(reason)) return;
    if (!(reason instanceof BrokerRefusal)) throw reason;
    const forgotten =
      reason.code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER || reason.code === ErrorCode.UNKNOWN_PRODUCER_ID;
    // A batch behind one that the broker never got is refused as well, and is sent again after it.
    if (!forgotten) throw reason;
  }

  #init(): Promise<number> {
    const request = { transactionalId: null, transactionTimeoutMs: 60_000 };
    return this.#connection.askUntilAnswered(async (client: RawClient) => {
      const { errorCode, producerId } = await client.send(initProducerIdApi, 1, request);
      if (errorCode !== ErrorCode.NONE) throw new BrokerRefusal('InitProducerId', errorCode);
      return producerId;
    });
  }

  #seal(records: readonly RecordToSend[]): Buffer {
    const writer = new RecordBatchWriter();
    for (const { key, value } of records) writer.append(Date.now(), key, value);
    const baseSequence = this.#sequence;
    this.#sequence += records.length;
    return Buffer.from(writer.seal({ producerId: this.#producerId, producerEpoch: 0, baseSequence }));
  }
}
