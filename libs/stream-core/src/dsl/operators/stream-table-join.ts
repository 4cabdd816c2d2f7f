import { ArgumentError } from '../../errors.ts';
import { joinBuffer } from '../../state/in-memory-join-buffer.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { requireLegalName } from '../../topology/names.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { GraceOptions, JoinedOptions, NamedOptions, ValueJoiner } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { StreamHandle } from '../stream-handle.ts';
import type { TableHandle, TableView } from '../table-handle.ts';
import { BufferedStreamTableJoinNode } from './buffered-stream-table-join.ts';
import { repartitionForJoin } from './repartition.ts';
import { StreamTableJoinNode } from './stream-table-join-node.ts';
import type { JoinParts } from './stream-table-join-node.ts';

/** Attaches a join with a table, co-partitioned; with `graceMs` one that waits. Throws `ArgumentError` for a grace that the table has no history for, `TopologyError` where a serde is missing. */
export function joinStreamWithTable(
  stream: StreamHandle,
  table: TableHandle,
  joiner: ValueJoiner<unknown, unknown, unknown, unknown>,
  isLeft: boolean,
  { name: given, key, value, graceMs }: JoinedOptions<unknown, unknown> & GraceOptions,
): StreamHandle {
  const { graph } = stream;
  if (given !== undefined) requireLegalName(given);
  if (graceMs !== undefined) requireHistory(graceMs, table.supplier);
  const left = stream.needsRepartition ? repartitionForJoin(stream, given, { key, value }) : stream;
  const sources = new Set([...left.sources, ...table.sources]);
  graph.copartition(sources);
  const name = graph.nameOr(given, isLeft ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-');
  const view = table.supplier.view();
  const parts = { joiner, keySelector: undefined, isLeft };
  const buffer = graceMs === undefined ? undefined : bufferOf(name, graceMs, key ?? left.key, value ?? left.value);
  const node = new ProcessorGraphNode(name, {
    create: () =>
      buffer === undefined
        ? new StreamTableJoinNode(parts, view.getter())
        : new BufferedStreamTableJoinNode(parts, view.getter(), buffer.name),
    connectedStores: view.storeNames,
    ownStore: () => buffer,
  });
  node.acceptsNullKeys = isLeft;
  graph.add(node, left.node);
  return { graph, name, node, key: key ?? left.key, value: undefined, sources, needsRepartition: false };
}

/** Attaches a join with a global table, by whatever key the selector gives: nothing is repartitioned. */
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

/** Throws `ArgumentError` for a table that does not remember enough. */
function requireHistory(graceMs: number, { historyMs }: TableHandle['supplier']): void {
  if (historyMs === undefined) {
    throw new ArgumentError('a join waits for a versioned table only; give the table a `historyMs`');
  }
  if (!Number.isSafeInteger(graceMs) || graceMs < 0 || graceMs > historyMs) {
    throw new ArgumentError(
      `graceMs is ${graceMs}; allowed: whole numbers from 0 to the table's history of ${historyMs}`,
    );
  }
}

function bufferOf(name: string, graceMs: number, key: StreamHandle['key'], value: StreamHandle['value']): StoreBuilder {
  const bufferName = `${name}-Buffer`;
  return joinBuffer(bufferName, graceMs, {
    key: requireSerde(key, 'key', `store ${bufferName}`),
    value: requireSerde(value, 'value', `store ${bufferName}`),
  });
}
