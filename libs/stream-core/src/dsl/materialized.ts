import type { KeyValueStore } from '../state/key-value-store.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import { stores } from '../state/stores.ts';
import type { StoreOptions } from '../state/stores.ts';
import type { LogicalGraph } from './graph/logical-graph.ts';
import { requireLegalName } from '../topology/names.ts';
import type { MaterializedOptions, StoredOptions, WindowedMaterializedOptions } from './options.ts';

/** The name of a store, and whether the user gave it. */
export interface StoreName {
  readonly storeName: string;
  readonly isQueryable: boolean;
}

/** Whether the options ask for a store, rather than only for a name of the operator. */
export function asksForStore(
  options: WindowedMaterializedOptions<unknown, unknown> & MaterializedOptions<unknown, unknown>,
): boolean {
  const { storeName, key, value, logging, caching, logConfig, retentionMs, historyMs } = options;
  return [storeName, key, value, logging, caching, logConfig, retentionMs, historyMs].some(
    (option) => option !== undefined,
  );
}

/** The store of a table, cached unless the options say otherwise; with a history, where they ask for one, and then never cached. */
export function tableStore(
  parts: Pick<StoreOptions<unknown, unknown>, 'name' | 'key' | 'value' | 'mutates'>,
  { logging, logConfig, caching = true, historyMs }: Omit<MaterializedOptions<unknown, unknown>, 'key' | 'value'>,
): StoreBuilder<KeyValueStore<unknown, unknown>> {
  const options = { ...parts, logging, logConfig, caching };
  return historyMs === undefined ? stores.keyValue(options) : stores.versionedKeyValue({ ...options, historyMs });
}

/** The given name, which takes no number, or a generated one. */
export function storeNameOr(graph: LogicalGraph, options: StoredOptions<unknown, unknown>, prefix: string): StoreName {
  const { storeName } = options;
  if (storeName !== undefined) return { storeName: requireLegalName(storeName), isQueryable: true };
  const generated = graph.newStoreName(prefix);
  graph.unnamedStores.push({ name: generated, loggingEnabled: options.logging ?? true });
  return { storeName: generated, isQueryable: false };
}

/** A count with options but without a store name takes one number more than other aggregations: once it did so by accident, and names have to stay. */
export function burnStoreName(
  graph: LogicalGraph,
  options: WindowedMaterializedOptions<unknown, unknown>,
  prefix: string,
): void {
  if (options.storeName === undefined && asksForStore(options)) graph.newStoreName(prefix);
}
