import { stores } from '@playhead/stream-core';
import type { Processor, ProcessorContext, Topic, Topology } from '@playhead/stream-core';

/** Where a record lies in its topic. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

/**
 * A topic of settings that every instance follows whole: what `addGlobalStore` takes. `apply` is called for each record,
 * those that are restored at the start included, with its place in the topic; null takes back what the key had.
 * `name` is the store's, and begins the names of source and processor.
 */
export function globalTable<K, V>(
  name: string,
  topic: Topic<K, V>,
  apply: (key: K, value: V | null, place: RecordPlace) => void,
) {
  const { key, value } = topic;
  return {
    builder: stores.keyValue<K, V>({ name, key, value, logging: false }),
    topic: topic.name,
    source: `${name}-source`,
    processor: `${name}-reader`,
    key,
    value,
    supplier: (): Processor<K, V | null, never, never> => {
      let context: ProcessorContext<never, never>;
      return {
        init: (given) => void (context = given),
        process: ({ key, value: applied }) => {
          const place = context.recordMetadata;
          if (place === undefined) throw new Error(`a record of the global table ${name} (${topic.name}) has no place`);
          apply(key, applied, place);
        },
      };
    },
  } satisfies Parameters<Topology['addGlobalStore']>[0];
}
