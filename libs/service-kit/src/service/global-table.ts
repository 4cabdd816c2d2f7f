import { stores } from '@playhead/stream-core';
import type { StreamRecord, Topic, Topology } from '@playhead/stream-core';

/**
 * A topic of settings that every instance follows whole: what `addGlobalStore` takes. `apply` is called for each record,
 * those that are restored at the start included; null takes back what the key had. `name` is the store's, and begins the
 * names of source and processor.
 */
export function globalTable<K, V>(name: string, topic: Topic<K, V>, apply: (key: K, value: V | null) => void) {
  const { key, value } = topic;
  return {
    builder: stores.keyValue<K, V>({ name, key, value, logging: false }),
    topic: topic.name,
    source: `${name}-source`,
    processor: `${name}-reader`,
    key,
    value,
    supplier: () => ({
      process: (record: StreamRecord<K, V | null>) => apply(record.key, record.value),
    }),
  } satisfies Parameters<Topology['addGlobalStore']>[0];
}
