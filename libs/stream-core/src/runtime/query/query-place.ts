import { formatTaskId } from '../assignment/task-id.ts';
import type { StorePlace } from './queryable-store.ts';

/** `store "sessions", task 0_3`, for messages. */
export function placeName({ name, subtopology }: StorePlace, partition: number): string {
  return subtopology === undefined
    ? `global store "${name}"`
    : `store "${name}", task ${formatTaskId({ subtopology, partition })}`;
}
