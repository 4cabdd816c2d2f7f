import { QueryError } from './query-error.ts';
import type { LogPosition } from './query-types.ts';
import type { QueryableStore } from './queryable-store.ts';

/** Throws `QueryError` BAD_QUERY for what no owner could ever answer: asked here before a question travels, and again where it arrives. */
export function checkPlace(
  store: Pick<QueryableStore<unknown, unknown>, 'name' | 'partitions' | 'inputTopics' | 'subtopology'>,
  partition: number,
  bound: LogPosition | undefined,
): void {
  const place = { store: store.name, partition };
  if (partition < 0 || partition >= store.partitions) {
    const message = `store "${store.name}" has no partition ${partition}; allowed: 0 to ${store.partitions - 1}`;
    throw new QueryError('BAD_QUERY', message, place);
  }
  if (bound === undefined) return;
  if (!store.inputTopics.includes(bound.topic)) {
    const message = `the bound names topic "${bound.topic}"; the tasks of store "${store.name}" read ${store.inputTopics.join(', ')}`;
    throw new QueryError('BAD_QUERY', message, place);
  }
  if (store.subtopology !== undefined && bound.partition !== partition) {
    const message = `the bound is in partition ${bound.partition} of "${bound.topic}", but the key belongs to partition ${partition}; give the partitionKey that the record was written with`;
    throw new QueryError('BAD_QUERY', message, place);
  }
}
