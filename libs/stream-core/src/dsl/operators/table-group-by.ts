import { isDeepStrictEqual } from 'node:util';
import { StreamsError } from '../../errors.ts';
import { TableProcessorNode } from '../../processor/processor-node.ts';
import { Change } from '../../serde/change-serde.ts';
import { ProcessorGraphNode } from '../graph/processor-graph-node.ts';
import type { GroupedTableHandle } from '../grouped-table-handle.ts';
import type { GroupedOptions, KeyValue, KeyValueMapper } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle } from '../table-handle.ts';

type Mapper = KeyValueMapper<unknown, unknown, unknown, unknown>;

/**
 * Selects group key and value of a row before and after a change. Both halves under one key go as one change; under two keys the old half goes first, so that it is
 * subtracted before the new one is added. A half whose selected key or value is null is left out.
 */
class TableGroupByNode extends TableProcessorNode {
  readonly #mapper: Mapper;
  readonly #isVersioned: boolean;
  readonly #change = new Change<unknown>(null, null);

  constructor(mapper: Mapper, isVersioned: boolean) {
    super();
    this.#mapper = mapper;
    this.#isVersioned = isVersioned;
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    if (key === null)
      throw new StreamsError('STREAMS_PROCESSOR', `${this.name} groups rows of a table, which have keys`);
    // Of a versioned table: what has been superseded already changes no group.
    if (this.#isVersioned && !isLatest) return;
    const newPair = newValue === null ? undefined : complete(this.#mapper(newValue, key));
    const oldPair = oldValue === null ? undefined : complete(this.#mapper(oldValue, key));
    if (newPair !== undefined && oldPair !== undefined && isSameKey(newPair.key, oldPair.key)) {
      this.#send(oldPair.key, newPair.value, oldPair.value, timestamp);
      return;
    }
    if (oldPair !== undefined) this.#send(oldPair.key, null, oldPair.value, timestamp);
    if (newPair !== undefined) this.#send(newPair.key, newPair.value, null, timestamp);
  }

  /** One change object for all: the sink below writes it before the next is made. */
  #send(key: unknown, newValue: unknown, oldValue: unknown, timestamp: number): void {
    const change = this.#change;
    change.newValue = newValue;
    change.oldValue = oldValue;
    this.forward(key, change, timestamp);
  }
}

function complete(pair: KeyValue<unknown, unknown>): KeyValue<unknown, unknown> | undefined {
  return pair.key === null || pair.value === null ? undefined : pair;
}

function isSameKey(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && isDeepStrictEqual(a, b));
}

/** Groups a table by another key, which needs the old value of every row that changes. */
export function groupTable(
  table: TableHandle,
  mapper: Mapper,
  options: GroupedOptions<unknown, unknown>,
): GroupedTableHandle {
  const { graph, sources } = table;
  const name = graph.nameOr(options.name, 'KTABLE-SELECT-');
  const key = requireSerde(options.key, 'key', `the grouped table ${name}`);
  const value = requireSerde(options.value ?? table.value, 'value', `the grouped table ${name}`);
  const node = new ProcessorGraphNode(name, {
    create: () => new TableGroupByNode(mapper, table.supplier.historyMs !== undefined),
  });
  graph.add(node, table.node);
  table.supplier.enableSendingOldValues(true);
  return { graph, name, node, key, value, sources, groupName: options.name, repartition: undefined };
}
