/**
 * Where output and progress go, by guarantee.
 *
 *     at_least_once: flush the producer, then make state durable, then commit offsets: a crash in between repeats records. Tasks that are lost take what was not sent with them
 *     exactly_once:  output and offsets in one transaction, then state; a transaction that fails is taken back, and with it the tasks' state
 */
import { BatchProducer } from '../kafka/batch-producer.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { GroupMember } from '../kafka/group-member.ts';
import type { PartitionCommit } from '../kafka/group-types.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import type { PartitionFollower } from '../kafka/partition-follower.ts';
import { ProducerIdentities } from '../kafka/producer-identities.ts';
import { TransactionalProducer } from '../kafka/transactional-producer.ts';
import type { TransactionalProducerOptions } from '../kafka/transactional-producer.ts';
import type { ProcessingGuarantee } from './streams-config.ts';

/** `BrokerError.reason` of output that was given up with its tasks. */
const TASKS_LOST = 'TASKS_LOST';

/** The producer of an instance. */
export interface StreamsProducer extends Pick<
  BatchProducer,
  'append' | 'drained' | 'hurry' | 'position' | 'acknowledged' | 'error' | 'bufferedBytes' | 'follow' | 'close'
> {
  /** A commit is of all tasks, and one that fails takes back what every task has done since the last one. */
  readonly isTransactional: boolean;
  /** Before the first task runs. Rejects with `BrokerError`. */
  begin(): Promise<void>;
  /**
   * Resolves when everything appended before the call is in Kafka and `offsets`, asked for when that is so, are the group's. `makeDurable` is called once Kafka
   * has what the state is made of, and awaited: under at_least_once before the offsets are committed, under exactly_once after the transaction. Rejects with `BrokerError` and as `makeDurable` does.
   */
  commit(
    member: GroupMember,
    offsets: () => readonly PartitionCommit[],
    makeDurable: () => Promise<void>,
  ): Promise<void>;
  /** After a failed commit under exactly_once, and when the tasks are somebody else's: everything that is not committed is taken back; under at_least_once what is not acknowledged, as far as it is not in Kafka already. Rejects with `BrokerError`. */
  abort(): Promise<void>;
}

/** What a producer is made with. */
export interface StreamsProducerOptions extends TransactionalProducerOptions {
  readonly guarantee: ProcessingGuarantee;
  /** False while the tasks may be somebody else's. Asked where no broker refuses who was replaced: under at_least_once. */
  readonly mayWrite: () => boolean;
}

/** The transactional id of a process of an application. */
export const transactionalIdOf = ({ applicationId }: { readonly applicationId: string }, processId: string): string =>
  `${applicationId}-${processId}`;

/** The producer for a guarantee. */
export function createStreamsProducer(client: KafkaClient, options: StreamsProducerOptions): StreamsProducer {
  return options.guarantee === 'exactly_once'
    ? new ExactlyOnceProducer(client, options)
    : new AtLeastOnceProducer(client, options);
}

class AtLeastOnceProducer extends BatchProducer implements StreamsProducer {
  readonly isTransactional = false;
  readonly #identities: ProducerIdentities;

  constructor(client: KafkaClient, options: StreamsProducerOptions) {
    const identities = new ProducerIdentities(client.cluster, options.mayWrite);
    super(client, options, identities);
    this.#identities = identities;
  }

  begin(): Promise<void> {
    return Promise.resolve();
  }

  async commit(
    member: GroupMember,
    offsets: () => readonly PartitionCommit[],
    makeDurable: () => Promise<void>,
  ): Promise<void> {
    await this.flush();
    await makeDurable();
    const due = offsets();
    if (due.length > 0) await member.commit(due);
  }

  abort(): Promise<void> {
    this.#identities.forget();
    return this.reset(
      new BrokerError('given up with the tasks that wrote it', { reason: TASKS_LOST, recovery: 'rejoin' }),
    );
  }
}

class ExactlyOnceProducer implements StreamsProducer {
  readonly isTransactional = true;
  readonly #producer: TransactionalProducer;

  constructor(client: KafkaClient, options: StreamsProducerOptions) {
    this.#producer = new TransactionalProducer(client, options);
  }

  get position(): number {
    return this.#producer.position;
  }

  /** Acknowledged is what is committed: before that it may be taken back. */
  get acknowledged(): number {
    return this.#producer.committed;
  }

  get error(): Error | undefined {
    return this.#producer.error;
  }

  get bufferedBytes(): number {
    return this.#producer.bufferedBytes;
  }

  append(...record: Parameters<BatchProducer['append']>): boolean {
    return this.#producer.append(...record);
  }

  drained(): Promise<void> {
    return this.#producer.drained();
  }

  hurry(): void {
    this.#producer.hurry();
  }

  follow(topic: string, partition: number, end: number): PartitionFollower {
    return this.#producer.follow(topic, partition, end);
  }

  begin(): Promise<void> {
    return this.#producer.begin();
  }

  async commit(
    member: GroupMember,
    offsets: () => readonly PartitionCommit[],
    makeDurable: () => Promise<void>,
  ): Promise<void> {
    await this.#producer.commit({ member, offsets: offsets() });
    await makeDurable();
  }

  abort(): Promise<void> {
    return this.#producer.abort();
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}
