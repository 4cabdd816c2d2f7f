import { murmur3 } from '../../../internal/murmur3.ts';
import { ProcessorNode } from '../../../processor/processor-node.ts';
import type { TaskContext } from '../../../processor/task-context.ts';
import type { Codec } from '../../../serde/serde.ts';
import { encode } from '../../../serde/serde.ts';
import type { TableGetter } from '../../table-handle.ts';
import type { ForeignKeyJoin } from './foreign-key-join.ts';
import type { SubscriptionResponse } from './subscription.ts';

/** Joins the right table's answer with the left row, if that still is what asked. */
export class ResponseJoinNode extends ProcessorNode<unknown, SubscriptionResponse> {
  readonly #join: ForeignKeyJoin;
  readonly #lefts: TableGetter;
  #values!: Codec<unknown>;

  constructor(join: ForeignKeyJoin, lefts: TableGetter) {
    super();
    this.#join = join;
    this.#lefts = lefts;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#lefts.init(context);
    const { subscriptionTopic, serdes } = this.#join;
    this.#values = context.codec(serdes.value, `${context.topicName(subscriptionTopic)}-vh`, 'value');
  }

  override process(key: unknown, { hash, value: right }: SubscriptionResponse, timestamp: number): void {
    const left = this.#lefts.get(key);
    const current = left === null ? null : murmur3(encode(this.#values, left));
    // The row has changed since: the answer to what it is now is still to come.
    if (hash === null || current === null ? hash !== current : !hash.equals(current)) {
      this.context.drop('stale-join-response');
      return;
    }
    const { joiner, isLeft } = this.#join;
    const hasResult = right !== null || (isLeft && left !== null);
    this.forward(key, hasResult ? joiner(left, right, key) : null, timestamp);
  }
}
