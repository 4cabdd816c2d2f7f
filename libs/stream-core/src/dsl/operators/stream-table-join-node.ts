import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { KeySelector, ValueJoiner } from '../options.ts';
import type { TableGetter } from '../table-handle.ts';

/** What is joined, and how. */
export interface JoinParts {
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  /** Undefined: the record's own key. */
  readonly keySelector: KeySelector<unknown, unknown, unknown> | undefined;
  readonly isLeft: boolean;
}

/**
 * Joins each record of the stream with what the table holds at that moment, or, when it is versioned, held at the record's time; changes of the table trigger nothing. A record without a value is dropped. One
 * without a key to look up is dropped by an inner join and joined with nothing by a left join (KIP-962).
 */
export class StreamTableJoinNode extends ProcessorNode {
  readonly #parts: JoinParts;
  readonly #getter: TableGetter;

  constructor(parts: JoinParts, getter: TableGetter) {
    super();
    this.#parts = parts;
    this.#getter = getter;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#getter.init(context);
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    const { joiner, keySelector, isLeft } = this.#parts;
    const tableKey = keySelector === undefined ? key : keySelector(value, key);
    if (value === null || (tableKey === null && !isLeft)) {
      this.context.drop(value === null ? 'null-value' : 'null-key');
      return;
    }
    const right = tableKey === null ? null : this.#lookUp(tableKey, timestamp);
    if (right !== null || isLeft) this.forward(key, joiner(value, right, key), timestamp);
  }

  /** A versioned table is asked for what it held at the record's time. */
  #lookUp(key: unknown, timestamp: number): unknown {
    const getter = this.#getter;
    return getter.getAsOf === undefined ? getter.get(key) : getter.getAsOf(key, timestamp);
  }
}
