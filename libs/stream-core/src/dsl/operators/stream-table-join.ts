import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import { requireLegalName } from '../../topology/names.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { JoinedOptions, KeySelector, NamedOptions, ValueJoiner } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import type { TableGetter, TableHandle, TableView } from '../table-handle.ts';
import { repartitionForJoin } from './repartition.ts';

/** What is joined, and how. */
interface JoinParts {
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>;
  /** Undefined: the record's own key. */
  readonly keySelector: KeySelector<unknown, unknown, unknown> | undefined;
  readonly isLeft: boolean;
}

/**
 * Joins each record of the stream with what the table holds at that moment; changes of the table trigger nothing. A record without a value is dropped. One
 * without a key to look up is dropped by an inner join and joined with nothing by a left join (KIP-962).
 */
class StreamTableJoinNode extends ProcessorNode {
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
    const right = tableKey === null ? null : this.#getter.get(tableKey);
    if (right !== null || isLeft) this.forward(key, joiner(value, right, key), timestamp);
  }
}

export function joinStreamWithTable(
  stream: StreamHandle,
  table: TableHandle,
  joiner: ValueJoiner<unknown, unknown, unknown, unknown>,
  isLeft: boolean,
  { name: given, key, value }: JoinedOptions<unknown, unknown>,
): StreamHandle {
  const { graph } = stream;
  if (given !== undefined) requireLegalName(given);
  const left = stream.needsRepartition ? repartitionForJoin(stream, given, { key, value }) : stream;
  const sources = new Set([...left.sources, ...table.sources]);
  graph.copartition(sources);
  const name = graph.nameOr(given, isLeft ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-');
  const view = table.supplier.view();
  const parts = { joiner, keySelector: undefined, isLeft };
  const node = new ProcessorGraphNode(name, {
    create: () => new StreamTableJoinNode(parts, view.getter()),
    connectedStores: view.storeNames,
  });
  node.acceptsNullKeys = isLeft;
  graph.add(node, left.node);
  return { graph, name, node, key: key ?? left.key, value: undefined, sources, needsRepartition: false };
}

export function joinStreamWithGlobalTable(
  stream: StreamHandle,
  view: TableView,
  parts: JoinParts,
  { name: given }: NamedOptions,
): StreamHandle {
  const { graph } = stream;
  // The original generates the left join's name for the inner join too.
  const name = graph.nameOr(given, 'KSTREAM-LEFTJOIN-');
  const node = new ProcessorGraphNode(name, { create: () => new StreamTableJoinNode(parts, view.getter()) });
  node.acceptsNullKeys = parts.isLeft;
  graph.add(node, stream.node);
  return { ...stream, name, node, value: undefined, repartition: undefined };
}
