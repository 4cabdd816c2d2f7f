import type { ProcessorNode } from '../../processor/processor-node.ts';
import type { Serde } from '../../serde/serde.ts';
import { sessionWindowedSerde } from '../../serde/windowed-serdes.ts';
import type { StoreBuilder } from '../../state/store-builder.ts';
import { changelogRetention, stores } from '../../state/stores.ts';
import { attachAggregation } from '../grouped-handle.ts';
import type { GroupedHandle } from '../grouped-handle.ts';
import { storeNameOr } from '../materialized.ts';
import type { MutatingOptions, NamedOptions, WindowedMaterializedOptions } from '../options.ts';
import { requireSerde } from '../stream-handle.ts';
import type { TableHandle, TableSupplier, TableView } from '../table-handle.ts';
import type { EmitStrategy, SessionWindows } from '../windows.ts';
import { refuseMutation } from './aggregate.ts';
import { SessionAggregateNode } from './session-aggregate.ts';
import type { SessionAggregation } from './session-aggregate.ts';
import { sessionView } from './store-getter.ts';
import { requireRetention } from './window-aggregate.ts';

/** The table of a session aggregation. */
export class SessionTable implements TableSupplier {
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
    return sessionView(this.#storeName);
  }

  enableSendingOldValues(force: boolean): boolean {
    if (this.#mutates && !force) return false;
    refuseMutation(this.#mutates, this.#storeName);
    this.#sendOldValues = true;
    return true;
  }
}

/** What `aggregate`, `reduce` and `count` of sessions share. */
export interface SessionAggregateOptions {
  readonly prefix: string;
  readonly windows: SessionWindows;
  readonly emit: EmitStrategy;
  readonly aggregation: SessionAggregation;
  readonly options: NamedOptions & WindowedMaterializedOptions<unknown, unknown> & MutatingOptions;
  readonly value: Serde<unknown> | undefined;
}

/** The store of sessions; throws `ArgumentError` when it is to keep less than gap plus grace. */
export function sessionStore(
  { inactivityGapMs, graceMs }: SessionWindows,
  options: SessionAggregateOptions['options'],
  parts: { readonly name: string; readonly key: Serde<unknown>; readonly value: Serde<unknown> },
  emitsOnClose = false,
): StoreBuilder {
  const leastMs = inactivityGapMs + graceMs;
  const { logging, logConfig, mutates = false, retentionMs = leastMs } = options;
  requireRetention(parts.name, retentionMs, leastMs, 'gap plus grace');
  if (!emitsOnClose) {
    return stores.session({ ...parts, caching: options.caching ?? true, logging, logConfig, mutates, retentionMs });
  }
  // A session ends the least retention before the node's time and is still open: one millisecond more, else it is forgotten before it is sent.
  const keptMs = Math.max(retentionMs, leastMs + 1);
  const config = { 'retention.ms': changelogRetention(retentionMs), ...logConfig };
  return {
    ...stores.session({ ...parts, caching: false, logging, logConfig: config, mutates, retentionMs: keptMs }),
    isReadByEnd: true,
  };
}

/** Attaches an aggregation by sessions to a grouped stream, behind a repartition where its key has changed. */
export function aggregateSessions(grouped: GroupedHandle, parts: SessionAggregateOptions): TableHandle {
  const { graph } = grouped;
  const { prefix, windows, emit, aggregation, options, value: given } = parts;
  const { storeName, isQueryable } = storeNameOr(graph, options, prefix);
  const name = graph.nameOr(options.name, prefix);
  const key = requireSerde(options.key ?? grouped.key, 'key', `store ${storeName}`);
  const value = requireSerde(options.value ?? given, 'value', `store ${storeName}`);
  const emitsOnClose = emit === 'ON_WINDOW_CLOSE';
  const table = attachAggregation(grouped, {
    name,
    isQueryable,
    value,
    key: sessionWindowedSerde(key),
    builder: sessionStore(windows, options, { name: storeName, key, value }, emitsOnClose),
    supplier: new SessionTable(
      storeName,
      options.mutates ?? false,
      (sendOldValues) => new SessionAggregateNode(windows, { storeName, aggregation, sendOldValues, emitsOnClose }),
    ),
  });
  table.node.windowGraceMs = windows.graceMs + windows.inactivityGapMs;
  return table;
}
