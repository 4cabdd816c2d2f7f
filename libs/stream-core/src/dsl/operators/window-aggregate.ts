import { ArgumentError, TopologyError } from '../../errors.ts';
import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { Serde } from '../../serde/serde.ts';
import { timeWindowedSerde } from '../../serde/windowed-serdes.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { changelogRetention, stores } from '../../state/stores.ts';
import { attachAggregation } from '../grouped-handle.ts';
import type { GroupedHandle } from '../grouped-handle.ts';
import { storeNameOr } from '../materialized.ts';
import type { MutatingOptions, NamedOptions, WindowedMaterializedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import { SlidingWindows } from '../windows.ts';
import type { EmitStrategy, TimeWindows, UnlimitedWindows } from '../windows.ts';
import type { Aggregation } from './aggregate.ts';
import { refuseMutation } from './aggregate.ts';
import { SlidingWindowAggregateNode } from './sliding-window-aggregate.ts';
import { windowView } from './store-getter.ts';
import { TimeWindowAggregateNode } from './time-window-aggregate.ts';
import type { WindowedNodeParts } from './windowed-node.ts';

const RETENTION_HINT = 'size plus grace (sliding windows: twice the difference plus grace)';

/** The table of a windowed aggregation. */
export class WindowAggregateTable implements TableSupplier {
  readonly #storeName: string;
  readonly #mutates: boolean;
  readonly #create: (sendOldValues: boolean) => ProcessorNode;
  #sendOldValues = false;

  constructor(storeName: string, mutates: boolean, create: (sendOldValues: boolean) => ProcessorNode) {
    this.#storeName = storeName;
    this.#mutates = mutates;
    this.#create = create;
  }

  create(): ProcessorNode {
    return this.#create(this.#sendOldValues);
  }

  view(): TableView {
    return windowView(this.#storeName);
  }

  enableSendingOldValues(force: boolean): boolean {
    if (this.#mutates && !force) return false;
    refuseMutation(this.#mutates, this.#storeName);
    this.#sendOldValues = true;
    return true;
  }
}

/** Windows of an epoch-aligned or sliding kind: those whose aggregates lie in a window store. */
export type AnyTimeWindows = TimeWindows | SlidingWindows | UnlimitedWindows;

/** What windowed `aggregate`, `reduce` and `count` share. */
export interface WindowAggregateOptions {
  readonly prefix: string;
  readonly windows: AnyTimeWindows;
  readonly emit: EmitStrategy;
  readonly aggregation: Aggregation;
  readonly options: NamedOptions & WindowedMaterializedOptions<unknown, unknown> & MutatingOptions;
  readonly value: Serde<unknown> | undefined;
}

/** The length of a window and the shortest retention that loses none: sliding windows look back over two lengths. */
export function windowTimes(windows: AnyTimeWindows): { readonly sizeMs: number; readonly leastRetentionMs: number } {
  if (!(windows instanceof SlidingWindows)) {
    const { sizeMs, graceMs } = windows;
    return { sizeMs, leastRetentionMs: sizeMs + graceMs };
  }
  const { timeDifferenceMs, graceMs } = windows;
  return { sizeMs: timeDifferenceMs, leastRetentionMs: 2 * timeDifferenceMs + graceMs };
}

/** Makes the node of one task. */
export function windowNode(windows: AnyTimeWindows, parts: WindowedNodeParts): ProcessorNode {
  if (windows instanceof SlidingWindows) return new SlidingWindowAggregateNode(windows, parts);
  return new TimeWindowAggregateNode(windows, parts);
}

/** Throws `ArgumentError` when a store is to keep less than its windows need. */
export function requireRetention(storeName: string, retentionMs: number, leastMs: number, what: string): void {
  if (retentionMs >= leastMs) return;
  throw new ArgumentError(`store ${storeName} keeps ${retentionMs} ms; allowed: at least ${what}, ${leastMs} ms`, {
    context: { store: storeName },
  });
}

/** The store of windows. Throws `ArgumentError` when it is to keep less than they need and `TopologyError` for sliding windows that are to be changed in place. */
export function windowStore(
  windows: AnyTimeWindows,
  options: WindowAggregateOptions['options'],
  parts: { readonly name: string; readonly key: Serde<unknown>; readonly value: Serde<unknown> },
  emitsOnClose = false,
): StoreBuilder {
  const { sizeMs: windowSizeMs, leastRetentionMs } = windowTimes(windows);
  const { logging, logConfig, mutates = false, retentionMs = leastRetentionMs } = options;
  if (mutates && windows instanceof SlidingWindows) {
    throw new TopologyError(`store ${parts.name}: sliding windows share aggregates, so \`mutates\` is not allowed`);
  }
  requireRetention(parts.name, retentionMs, leastRetentionMs, RETENTION_HINT);
  const common = { ...parts, logging, mutates, windowSizeMs };
  if (!emitsOnClose) return stores.window({ ...common, caching: options.caching ?? true, logConfig, retentionMs });
  // Sliding windows without a length are open until the least retention is over: one millisecond more, else they are forgotten before they are sent.
  const keptMs = Math.max(retentionMs, leastRetentionMs + (windowSizeMs === 0 ? 1 : 0));
  const config = { 'retention.ms': changelogRetention(retentionMs), ...logConfig };
  return stores.window({ ...common, caching: false, logConfig: config, retentionMs: keptMs });
}

/** Attaches an aggregation by tumbling, hopping or sliding windows to a grouped stream, behind a repartition where its key has changed. */
export function aggregateWindows(grouped: GroupedHandle, parts: WindowAggregateOptions): TableHandle {
  const { graph } = grouped;
  const { prefix, windows, emit, aggregation, options, value } = parts;
  const { storeName, isQueryable } = storeNameOr(graph, options, prefix);
  const name = graph.nameOr(options.name, prefix);
  const mutates = options.mutates ?? false;
  const key = requireSerde(options.key ?? grouped.key, 'key', `store ${storeName}`);
  const valueSerde = requireSerde(options.value ?? value, 'value', `store ${storeName}`);
  const emitsOnClose = emit === 'ON_WINDOW_CLOSE';
  const table = attachAggregation(grouped, {
    name,
    isQueryable,
    value: valueSerde,
    key: timeWindowedSerde(key, windowTimes(windows).sizeMs),
    builder: windowStore(windows, options, { name: storeName, key, value: valueSerde }, emitsOnClose),
    supplier: new WindowAggregateTable(storeName, mutates, (sendOldValues) =>
      windowNode(windows, { storeName, aggregation, sendOldValues, emitsOnClose }),
    ),
  });
  table.node.windowGraceMs = windows.graceMs;
  return table;
}
