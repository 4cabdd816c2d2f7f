import { TopologyError } from '../errors.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import type { TopologyGraph } from './topology-graph.ts';

/** What a name looks like that was made from the number of a call: `KSTREAM-AGGREGATE-STATE-STORE-0000000003`, with or without a suffix. Not those of a foreign-key join's subscriptions, which Kafka Streams does not ask for. */
const GENERATED =
  /^(?!KTABLE-FK-JOIN-SUBSCRIPTION)(?:.*-)?(?:KSTREAM|KTABLE|STATE-STORE)[A-Z-]*-\d{10}(?:-[A-Za-z]+)*$/;

/** Whether a name was made from the number of a call, so that it changes when an operator is added above. */
export const isGeneratedName = (name: string): boolean => GENERATED.test(name);

type NamedStore = Pick<StoreBuilder, 'name' | 'loggingEnabled'>;

/**
 * Throws `TopologyError` when a store, its changelog or a repartition topic has a generated name: such names change when an operator is added above, and the state under the old ones is lost
 * (`ensure.explicit.internal.resource.naming`, KIP-1111). `unnamedStores` are those that calls of the DSL left unnamed: one that is not needed now is when a join is added.
 */
export function ensureNames(graph: TopologyGraph, unnamedStores: readonly NamedStore[]): void {
  const byName = new Map(unnamedStores.map((store) => [store.name, store]));
  for (const store of graph.stores.values()) if (isGeneratedName(store.name)) byName.set(store.name, store);
  const stores = [...byName.values()];
  const unnamed = [
    ['changelog topics', stores.filter((store) => store.loggingEnabled).map(({ name }) => `${name}-changelog`)],
    ['state stores', stores.filter((store) => !store.loggingEnabled).map(({ name }) => name)],
    ['repartition topics', [...graph.internalTopics.keys()].filter(isGeneratedName)],
  ] as const;
  const found = unnamed.filter(([, names]) => names.length > 0);
  if (found.length === 0) return;
  const list = found.map(([what, names]) => `${what} ${names.join(', ')}`).join('; ');
  throw new TopologyError(`these have no name of their own: ${list}; give one with \`storeName\` or \`name\``);
}
