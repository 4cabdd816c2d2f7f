import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  ErrorCode,
  initProducerIdApi,
  offsetFetchApi,
  RecordBatchWriter,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import type { RawClient } from '@playhead/embedded-kafka/testing';
import { BrokerRefusal, createTopic, produce, readToEnd } from '../one-partition.ts';
import { Connection, isWorthRetrying, type Load, type LoadContext, NoAnswer } from './load.ts';

const TOPIC = 'transactional';
const PRODUCERS = 2;
const PARTITIONS_EACH = 2;
const ABORT_ONE_IN = 5;
const RECORDS_A_PARTITION = 2;

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Producers that write to two partitions and commit an offset in every transaction; the offset says which transaction was committed last. */
export class TransactionalLoad implements Load {
  readonly name = 'transactional producers';
  readonly #context: LoadContext;
  readonly #producers: TransactionalProducer[];

  private constructor(context: LoadContext) {
    this.#context = context;
    this.#producers = Array.from({ length: PRODUCERS }, (_, index) => new TransactionalProducer(index, context));
  }

  static async prepare(context: LoadContext, client: RawClient): Promise<TransactionalLoad> {
    await createTopic(client, TOPIC, PRODUCERS * PARTITIONS_EACH);
    return new TransactionalLoad(context);
  }

  async run(): Promise<void> {
    await Promise.all(this.#producers.map((producer) => producer.run()));
  }

  async check(client: RawClient): Promise<void> {
    for (const producer of this.#producers) await producer.check(client, this.#context);
  }

  describe(): string {
    const sum = (count: (producer: TransactionalProducer) => number): number =>
      this.#producers.reduce((total, producer) => total + count(producer), 0);
    return `${sum(({ committed }) => committed.size)} transactions committed, ${sum(({ notCommitted }) => notCommitted)} aborted, ${sum(({ decidedByBroker }) => decidedByBroker)} asked about`;
  }
}

/** A producer with a transactional id, two partitions and a group of its own. */
class TransactionalProducer {
  readonly committed = new Set<number>();
  notCommitted = 0;
  /** Commits that were not answered. */
  decidedByBroker = 0;
  readonly #id: string;
  readonly #partitions: readonly number[];
  readonly #context: LoadContext;
  readonly #connection: Connection;
  #identity: Identity | undefined;
  #sequence = 0;
  #transactions = 0;

  constructor(index: number, context: LoadContext) {
    this.#id = `producer-${index}`;
    this.#partitions = Array.from({ length: PARTITIONS_EACH }, (_, i) => index * PARTITIONS_EACH + i);
    this.#context = context;
    this.#connection = new Connection(context.broker);
  }

  async run(): Promise<void> {
    while (!this.#context.stopping.aborted) {
      const identity = (this.#identity ??= await this.#init());
      const transaction = this.#transactions++;
      const commits = this.#context.random.below(ABORT_ONE_IN) > 0;
      let asked = false;
      try {
        await this.#write(identity, transaction);
        asked = true;
        await this.#end(identity, commits);
        this.#decided(transaction, commits);
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        await this.#recover(transaction, asked && commits);
      }
    }
    await this.#connection.close();
  }

  /** Compares what is visible with what was decided. */
  async check(client: RawClient, { findings }: LoadContext): Promise<void> {
    const seen = new Map<number, number>();
    for (const partition of this.#partitions) {
      let last = -1;
      for (const { value } of await readToEnd(client, { topic: TOPIC, partition }, 0, true)) {
        const transaction = Number(value);
        if (transaction < last) findings.add('out-of-order', `${this.#id}: transaction ${transaction} after ${last}`);
        last = Math.max(last, transaction);
        seen.set(transaction, (seen.get(transaction) ?? 0) + 1);
      }
    }
    const whole = PARTITIONS_EACH * RECORDS_A_PARTITION;
    for (let transaction = 0; transaction < this.#transactions; transaction++) {
      const count = seen.get(transaction) ?? 0;
      const expected = this.committed.has(transaction) ? whole : 0;
      const what = `${this.#id}: ${count} of ${expected} records of transaction ${transaction}`;
      if (count > whole) findings.add('duplicated', what);
      else if (count === 0 && expected > 0) findings.add('lost', what);
      else if (count !== expected) findings.add('half-visible', what);
    }
    const offset = await this.#offset(client);
    const expected = Math.max(0, ...this.committed) + (this.committed.size > 0 ? 1 : 0);
    if (this.committed.size > 0 && offset !== expected) {
      findings.add(
        offset < expected ? 'offsets-back' : 'half-visible',
        `${this.#id}: offset ${offset}, committed was ${expected}`,
      );
    }
  }

  #decided(transaction: number, isCommitted: boolean): void {
    if (isCommitted) this.committed.add(transaction);
    else this.notCommitted++;
  }

  /** After a lost answer: takes over its own id, which ends what is open, and asks the broker how that ended. */
  async #recover(transaction: number, mayBeCommitted: boolean): Promise<void> {
    this.#identity = await this.#init();
    const offset = await this.#connection.askUntilAnswered((client) => this.#offset(client));
    const isCommitted = offset === transaction + 1;
    if (mayBeCommitted) this.decidedByBroker++;
    else if (isCommitted)
      this.#context.findings.add(
        'half-visible',
        `${this.#id}: offset of transaction ${transaction}, which was not committed`,
      );
    this.#decided(transaction, isCommitted && mayBeCommitted);
  }

  async #init(): Promise<Identity> {
    this.#sequence = 0;
    const request = { transactionalId: this.#id, transactionTimeoutMs: 300_000, producerId: -1, producerEpoch: -1 };
    return this.#connection.askUntilAnswered(async (client) => {
      const { errorCode, producerId, producerEpoch } = await client.send(initProducerIdApi, 4, request);
      check('InitProducerId', errorCode);
      return { producerId, producerEpoch };
    });
  }

  async #write(identity: Identity, transaction: number): Promise<void> {
    const common = { transactionalId: this.#id, ...identity };
    const group = `group of ${this.#id}`;
    await this.#patiently(async (client) => {
      const request = { ...common, topics: [{ name: TOPIC, partitions: [...this.#partitions] }] };
      const { resultsByTopic } = await client.send(addPartitionsToTxnApi, 1, request);
      for (const { partitionErrorCode } of resultsByTopic[0]?.resultsByPartition ?? []) {
        check('AddPartitionsToTxn', partitionErrorCode);
      }
    });
    const baseSequence = this.#sequence;
    this.#sequence += RECORDS_A_PARTITION;
    for (const partition of this.#partitions) {
      const writer = new RecordBatchWriter();
      for (let i = 0; i < RECORDS_A_PARTITION; i++) writer.append(Date.now(), null, `${transaction}`);
      const batch = Buffer.from(writer.seal({ ...identity, baseSequence, isTransactional: true }));
      await this.#patiently((client) => produce(client, { topic: TOPIC, partition }, batch, this.#id));
    }
    await this.#patiently(async (client) => {
      check('AddOffsetsToTxn', (await client.send(addOffsetsToTxnApi, 1, { ...common, groupId: group })).errorCode);
    });
    await this.#patiently(async (client) => {
      const partitions = [
        { partitionIndex: this.#partitions[0]!, committedOffset: transaction + 1, committedMetadata: null },
      ];
      const request = { ...common, groupId: group, topics: [{ name: TOPIC, partitions }] };
      const { topics } = await client.send(txnOffsetCommitApi, 3, request);
      check('TxnOffsetCommit', topics[0]?.partitions[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR);
    });
  }

  #end(identity: Identity, committed: boolean): Promise<void> {
    return this.#patiently(async (client) => {
      const { errorCode } = await client.send(endTxnApi, 1, { transactionalId: this.#id, ...identity, committed });
      check('EndTxn', errorCode);
    });
  }

  async #offset(client: RawClient): Promise<number> {
    const { topics, errorCode } = await client.send(offsetFetchApi, 7, {
      groupId: `group of ${this.#id}`,
      topics: [{ name: TOPIC, partitionIndexes: [this.#partitions[0]!] }],
      requireStable: true,
    });
    check('OffsetFetch', errorCode);
    const partition = topics[0]?.partitions[0];
    check('OffsetFetch', partition?.errorCode ?? ErrorCode.NONE);
    return partition?.committedOffset ?? -1;
  }

  /** Asks again while the broker asks for patience, and not after a lost answer. */
  async #patiently<T>(request: (client: RawClient) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.#connection.ask((client) => this.#context.inFlight.during(() => request(client)));
      } catch (error) {
        if (!isWorthRetrying(error)) throw error;
      }
    }
  }
}

function check(what: string, errorCode: number): void {
  if (errorCode !== ErrorCode.NONE) throw new BrokerRefusal(what, errorCode);
}
