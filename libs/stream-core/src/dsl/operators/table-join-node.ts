import { TableProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { ValueJoiner } from '../options.ts';
import type { TableGetter } from '../table-handle.ts';
import { TableRows } from './table-rows.ts';

/** What both sides of a table-table join share. Asked for each change: until the topology is built, old values may still be wanted. */
export interface TableJoinState {
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  readonly sendOldValues: boolean;
  /** Undefined: nobody keeps the join's rows. */
  readonly storeName: string | undefined;
}

/** One side of a table-table join. */
export interface TableJoinSide {
  readonly isLeft: boolean;
  /** A row of this side has a result without a row of the other. */
  readonly isPreserved: boolean;
  /** A row of the other side has a result without a row of this one. */
  readonly isOtherPreserved: boolean;
  /** Its changes may be older than what the table holds, because it is versioned; those change no result. */
  readonly isVersioned: boolean;
}

/** Joins each change of one table with what the other holds. The result has the later of both timestamps; what was nothing and is nothing is passed on as a delete, but for rows that could never have been. */
export class TableJoinNode extends TableProcessorNode {
  readonly #state: TableJoinState;
  readonly #side: TableJoinSide;
  readonly #others: TableGetter;

  constructor(state: TableJoinState, side: TableJoinSide, others: TableGetter) {
    super();
    this.#state = state;
    this.#side = side;
    this.#others = others;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#others.init(context);
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    const { isPreserved, isOtherPreserved, isVersioned } = this.#side;
    if (key === null || (isVersioned && !isLatest)) {
      this.context.drop(key === null ? 'null-key' : 'out-of-order-change');
      return;
    }
    const other = this.#others.get(key);
    if (other === null && (!isPreserved || (newValue === null && oldValue === null))) return;
    const time = other === null ? timestamp : Math.max(timestamp, this.#others.foundTimestamp);
    const answersOther = other !== null && isOtherPreserved;
    const newResult = newValue !== null || answersOther ? this.#join(key, newValue, other) : null;
    const hadResult = this.#state.sendOldValues && (oldValue !== null || answersOther);
    this.forwardChange(key, newResult, hadResult ? this.#join(key, oldValue, other) : null, time, isLatest);
  }

  #join(key: unknown, value: unknown, other: unknown): unknown {
    const { joiner } = this.#state;
    return this.#side.isLeft ? joiner(value, other, key) : joiner(other, value, key);
  }
}

/** Where the results of both sides meet. */
export class TableJoinMergeNode extends TableProcessorNode {
  readonly #state: TableJoinState;
  #rows: TableRows | undefined;

  constructor(state: TableJoinState) {
    super();
    this.#state = state;
  }

  override init(context: TaskContext): void {
    super.init(context);
    const { storeName, sendOldValues } = this.#state;
    if (storeName === undefined) return;
    this.#rows = new TableRows(context, storeName, sendOldValues, (key, newValue, oldValue, timestamp) =>
      this.forwardChange(key, newValue, oldValue, timestamp, true),
    );
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    const rows = this.#rows;
    if (rows !== undefined && !rows.put(key, newValue, timestamp)) return;
    const isLast = rows === undefined ? isLatest : rows.isLatest;
    this.forwardChange(key, newValue, this.#state.sendOldValues ? oldValue : null, timestamp, isLast);
  }
}
