import type { TopicPartition } from './types.ts';

/** Values by topic and partition. Not for the path of single records: it looks up twice. */
export class PartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();

  get({ topic, partition }: TopicPartition): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  set({ topic, partition }: TopicPartition, value: T): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, new Map([[partition, value]]));
    else partitions.set(partition, value);
  }

  delete({ topic, partition }: TopicPartition): void {
    const partitions = this.#topics.get(topic);
    if (partitions?.delete(partition) === true && partitions.size === 0) this.#topics.delete(topic);
  }

  *values(): IterableIterator<T> {
    for (const partitions of this.#topics.values()) yield* partitions.values();
  }

  clear(): void {
    this.#topics.clear();
  }
}

/** Partitions grouped by topic, the form in which requests name them. */
export function groupByTopic<P extends TopicPartition>(partitions: Iterable<P>): Map<string, P[]> {
  const topics = new Map<string, P[]>();
  for (const partition of partitions) {
    const group = topics.get(partition.topic);
    if (group === undefined) topics.set(partition.topic, [partition]);
    else group.push(partition);
  }
  return topics;
}
