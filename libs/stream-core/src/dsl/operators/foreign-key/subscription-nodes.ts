import { ProcessorNode, TableProcessorNode } from '../../../processor/processor-node.ts';
import type { TaskContext } from '../../../processor/task-context.ts';
import type { SubscriptionStore } from '../../../state/subscription-store.ts';
import type { TableGetter } from '../../table-handle.ts';
import { ALWAYS_ANSWER, ANSWER_IF_PRESENT, DELETE_AND_ANSWER, DELETE_SILENTLY } from './subscription.ts';
import type { Subscription, SubscriptionResponse } from './subscription.ts';

const responseTo = ({ hash, partition }: Subscription, value: unknown): SubscriptionResponse => ({
  hash,
  value,
  partition,
});

/** Keeps or deletes a subscription on the right table's side. One without a foreign key (of a left join) only passes. */
export class SubscriptionReceiveNode extends ProcessorNode<unknown, Subscription> {
  readonly #storeName: string;
  #store!: SubscriptionStore<Subscription>;

  constructor(storeName: string) {
    super();
    this.#storeName = storeName;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as SubscriptionStore<Subscription>;
  }

  override process(foreignKey: unknown, subscription: Subscription, timestamp: number): void {
    const { instruction, primaryKey } = subscription;
    if (foreignKey === null && instruction !== ALWAYS_ANSWER) {
      this.context.drop('null-foreign-key');
      return;
    }
    if (foreignKey !== null) {
      const isDeleted = instruction === DELETE_SILENTLY || instruction === DELETE_AND_ANSWER;
      this.#store.put(foreignKey, primaryKey, isDeleted ? null : subscription, timestamp);
    }
    this.forward(foreignKey, subscription, timestamp);
  }
}

/** Answers a subscription with what the right table holds at that moment. */
export class SubscriptionJoinNode extends ProcessorNode<unknown, Subscription> {
  readonly #rights: TableGetter;

  constructor(rights: TableGetter) {
    super();
    this.#rights = rights;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#rights.init(context);
  }

  override process(foreignKey: unknown, subscription: Subscription, timestamp: number): void {
    const { instruction, primaryKey } = subscription;
    if (instruction === DELETE_SILENTLY) return;
    const right = foreignKey === null ? null : this.#rights.get(foreignKey);
    if (right === null && instruction === ANSWER_IF_PRESENT) return;
    const time = right === null ? timestamp : Math.max(timestamp, this.#rights.foundTimestamp);
    this.forward(primaryKey, responseTo(subscription, instruction === DELETE_AND_ANSWER ? null : right), time);
  }
}

/** Tells a changed row of the right table to all who subscribe to it. */
export class ForeignTableJoinNode extends TableProcessorNode {
  readonly #storeName: string;
  readonly #isVersioned: () => boolean;
  #store!: SubscriptionStore<Subscription>;

  constructor(storeName: string, isVersioned: () => boolean) {
    super();
    this.#storeName = storeName;
    this.#isVersioned = isVersioned;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as SubscriptionStore<Subscription>;
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    _oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    if (key === null || (this.#isVersioned() && !isLatest)) {
      this.context.drop(key === null ? 'null-key' : 'out-of-order-change');
      return;
    }
    for (const { subscription } of this.#store.subscribers(key)) {
      this.forward(subscription.primaryKey, responseTo(subscription, newValue), timestamp);
    }
  }
}
