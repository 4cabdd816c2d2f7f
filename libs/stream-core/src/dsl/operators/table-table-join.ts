import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { TableJoinGraphNode } from '../graph/table-join-graph-node.ts';
import { asksForStore, storeNameOr, tableStore } from '../materialized.ts';
import type { MaterializedOptions, NamedOptions, ValueJoiner } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableGetter, TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { keyValueView } from './store-getter.ts';
import { TableJoinMergeNode, TableJoinNode } from './table-join-node.ts';
import type { TableJoinSide, TableJoinState } from './table-join-node.ts';

/** What is joined, and how. */
export interface TableJoin {
  readonly type: 'inner' | 'left' | 'outer';
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  readonly options: NamedOptions & MaterializedOptions<unknown, unknown>;
}

/** The table of a join. Without a store of its own its rows are joined anew for every reader. */
class JoinedTable implements TableSupplier, TableJoinState {
  readonly joiner: TableJoin['joiner'];
  readonly storeName: string | undefined;
  readonly historyMs: number | undefined;
  sendOldValues = false;
  readonly #type: TableJoin['type'];
  readonly #left: TableSupplier;
  readonly #right: TableSupplier;

  constructor(left: TableHandle, right: TableHandle, { type, joiner }: TableJoin, store: StoreBuilder | undefined) {
    this.#left = left.supplier;
    this.#right = right.supplier;
    this.#type = type;
    this.joiner = joiner;
    this.storeName = store?.name;
    this.historyMs = store?.historyMs;
  }

  create(): ProcessorNode {
    return new TableJoinMergeNode(this);
  }

  view(): TableView {
    if (this.storeName !== undefined) return keyValueView(this.storeName, this.historyMs !== undefined);
    const left = this.#left.view();
    const right = this.#right.view();
    return {
      storeNames: [...left.storeNames, ...right.storeNames],
      getter: () => new JoinGetter(left.getter(), right.getter(), this.#type, this.joiner),
    };
  }

  /** A join reads both tables anyway, so they keep their values. */
  enableSendingOldValues(): boolean {
    this.#left.enableSendingOldValues(true);
    this.#right.enableSendingOldValues(true);
    this.sendOldValues = true;
    return true;
  }
}

class JoinGetter implements TableGetter {
  foundTimestamp = -1;
  readonly #left: TableGetter;
  readonly #right: TableGetter;
  readonly #type: TableJoin['type'];
  readonly #joiner: TableJoin['joiner'];

  constructor(left: TableGetter, right: TableGetter, type: TableJoin['type'], joiner: TableJoin['joiner']) {
    this.#left = left;
    this.#right = right;
    this.#type = type;
    this.#joiner = joiner;
  }

  init(context: TaskContext): void {
    this.#left.init(context);
    this.#right.init(context);
  }

  get(key: unknown): unknown {
    const left = this.#left.get(key);
    if (left === null && this.#type !== 'outer') return null;
    // Read at once: both tables may be views of one store.
    const leftTimestamp = left === null ? -1 : this.#left.foundTimestamp;
    const right = this.#right.get(key);
    if (right === null && (this.#type === 'inner' || left === null)) return null;
    this.foundTimestamp = Math.max(leftTimestamp, right === null ? -1 : this.#right.foundTimestamp);
    return this.#joiner(left, right, key);
  }
}

/** Attaches a join of two tables on their key, with the names, numbers and stores of the original. */
export function joinTables(table: TableHandle, other: TableHandle, join: TableJoin): TableHandle {
  const { graph } = table;
  const { type, options } = join;
  const key = options.key ?? table.key;
  const store = asksForStore(options) ? storeNameOr(graph, options, 'KTABLE-MERGE-') : undefined;
  const merge = graph.nameOr(options.name, 'KTABLE-MERGE-');
  const sources = new Set([...table.sources, ...other.sources]);
  graph.copartition(sources);
  if (type !== 'inner') table.supplier.enableSendingOldValues(true);
  if (type === 'outer') other.supplier.enableSendingOldValues(true);
  const builder = store === undefined ? undefined : storeOf(store.storeName, key, options);
  const supplier = new JoinedTable(table, other, join, builder);
  const left = graph.nameWithSuffixOr(options.name, '-join-this', 'KTABLE-JOINTHIS-');
  const right = graph.nameWithSuffixOr(options.name, '-join-other', 'KTABLE-JOINOTHER-');
  const leftView = table.supplier.view();
  const rightView = other.supplier.view();
  const sideOf = (isLeft: boolean): TableJoinSide => ({
    isLeft,
    isPreserved: type === 'outer' || (type === 'left' && isLeft),
    isOtherPreserved: type === 'outer' || (type === 'left' && !isLeft),
    isVersioned: (isLeft ? table : other).supplier.historyMs !== undefined,
  });
  const node = new TableJoinGraphNode(merge, {
    sides: [
      {
        name: left,
        parent: table.name,
        create: () => new TableJoinNode(supplier, sideOf(true), rightView.getter()),
        otherStores: rightView.storeNames,
      },
      {
        name: right,
        parent: other.name,
        create: () => new TableJoinNode(supplier, sideOf(false), leftView.getter()),
        otherStores: leftView.storeNames,
      },
    ],
    create: () => supplier.create(),
    store: builder,
  });
  graph.add(node, table.node, other.node);
  return { graph, name: merge, node, key, value: options.value, sources, queryableName: store?.storeName, supplier };
}

function storeOf(name: string, key: TableHandle['key'], options: TableJoin['options']): StoreBuilder {
  const serdes = {
    key: requireSerde(key, 'key', `store ${name}`),
    value: requireSerde(options.value, 'value', `store ${name}`),
  };
  return tableStore({ name, ...serdes }, options);
}
