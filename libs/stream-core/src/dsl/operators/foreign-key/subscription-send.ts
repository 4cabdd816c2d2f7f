import { murmur3 } from '../../../internal/murmur3.ts';
import { TableProcessorNode } from '../../../processor/processor-node.ts';
import type { TaskContext } from '../../../processor/task-context.ts';
import type { Codec } from '../../../serde/serde.ts';
import { encode } from '../../../serde/serde.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import type { ForeignKeyJoin } from './foreign-key-join.ts';
import { ALWAYS_ANSWER, ANSWER_IF_PRESENT, DELETE_AND_ANSWER, DELETE_SILENTLY } from './subscription.ts';
import type { Subscription } from './subscription.ts';

/** Tells the right table which of its rows a changed row of the left table wants, and which no more. */
export class SubscriptionSendNode extends TableProcessorNode {
  readonly #join: ForeignKeyJoin;
  #foreignKeys!: StoreKeys<unknown>;
  #values!: Codec<unknown>;

  constructor(join: ForeignKeyJoin) {
    super();
    this.#join = join;
  }

  override init(context: TaskContext): void {
    super.init(context);
    const { foreignKey, value } = this.#join.serdes;
    const topic = context.topicName(this.#join.subscriptionTopic);
    this.#foreignKeys = new StoreKeys(context.codec(foreignKey, `${topic}-fk`, 'key'));
    this.#values = context.codec(value, `${topic}-vh`, 'value');
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    const { foreignKeyOf, isLeft, isLeftVersioned } = this.#join;
    if (isLeftVersioned() && !isLatest) {
      this.context.drop('out-of-order-change');
      return;
    }
    if (newValue === null && oldValue === null) return;
    const oldKey = oldValue === null ? null : foreignKeyOf(oldValue, key);
    const newKey = newValue === null ? null : foreignKeyOf(newValue, key);
    const hash = newValue === null ? null : murmur3(encode(this.#values, newValue));
    const hasMoved = oldKey !== null && !this.#isSame(oldKey, newKey);
    if (isLeft) {
      // Also without a foreign key: the answer to that is what makes the left join's result.
      if (hasMoved) this.#send(oldKey, DELETE_SILENTLY, hash, key, timestamp);
      this.#send(newKey, ALWAYS_ANSWER, hash, key, timestamp);
    } else if (newKey === null) {
      if (newValue !== null) this.context.drop('null-foreign-key');
      if (oldKey !== null) this.#send(oldKey, DELETE_AND_ANSWER, hash, key, timestamp);
    } else {
      if (hasMoved) this.#send(oldKey, DELETE_SILENTLY, hash, key, timestamp);
      this.#send(newKey, hasMoved ? ALWAYS_ANSWER : ANSWER_IF_PRESENT, hash, key, timestamp);
    }
  }

  #isSame(oldKey: unknown, newKey: unknown): boolean {
    return newKey !== null && this.#foreignKeys.mapKey(oldKey) === this.#foreignKeys.mapKey(newKey);
  }

  #send(foreignKey: unknown, instruction: number, hash: Buffer | null, primaryKey: unknown, timestamp: number): void {
    const partition = this.context.record.partition;
    const subscription: Subscription = { hash, instruction, primaryKey, partition };
    this.forward(foreignKey, subscription, timestamp);
  }
}
