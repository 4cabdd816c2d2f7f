import type { ProcessorNode } from '../processor/processor-node.ts';
import type { TaskContext } from '../processor/task-context.ts';
import type { Serde } from '../serde/serde.ts';
import type { GraphNode } from './graph/graph-node.ts';
import type { LogicalGraph } from './graph/logical-graph.ts';

/** Reads a table's present values inside a task. */
export interface TableGetter {
  init(context: TaskContext): void;
  /** The key's value, or null. */
  get(key: unknown): unknown;
  /** Of versioned tables: the value that the key had at that time, or null. */
  getAsOf?(key: unknown, timestamp: number): unknown;
  /** Timestamp of what the last `get` found. */
  readonly foundTimestamp: number;
}

/** How a table's values can be read: through which stores, and with what. */
export interface TableView {
  readonly storeNames: readonly string[];
  getter(): TableGetter;
}

/** What makes a table: its processor, and what later calls may still ask of it. */
export interface TableSupplier {
  create(): ProcessorNode;
  /** Makes the table keep its values if it does not yet. */
  view(): TableView;
  /**
   * Makes it send the old value with every change. False: it has none, and `force` was not given.
   * With `force` it keeps its values for this; an aggregation that changes them in place cannot and throws `TopologyError`.
   */
  enableSendingOldValues(force: boolean): boolean;
  /** Of a versioned table, whose changes may come out of order and say so (`isLatest`): how much of its past can be read. Absent: only its present. */
  readonly historyMs?: number | undefined;
}

/** What a `KTable` stands for. */
export interface TableHandle {
  readonly graph: LogicalGraph;
  readonly name: string;
  readonly node: GraphNode;
  readonly key: Serde<unknown> | undefined;
  readonly value: Serde<unknown> | undefined;
  readonly sources: ReadonlySet<string>;
  /** Undefined: not queryable. */
  readonly queryableName: string | undefined;
  readonly supplier: TableSupplier;
}
