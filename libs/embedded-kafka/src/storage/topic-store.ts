import { ErrorCode } from '@playhead/kafka-protocol';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BrokerLogger } from '../logger.ts';
import { FilePool } from './file-pool.ts';
import { PartitionLog } from './partition-log.ts';
import { toLogConfig, type TopicConfig } from './topic-config.ts';
import { TopicError } from './topic-error.ts';
import { topicNameProblem } from './topic-name.ts';
import { TopicRegistry, type StoredTopic } from './topic-registry.ts';

/** Bounds and durability of the store. */
export interface TopicStoreOptions {
  readonly dataDir: string;
  readonly logger: BrokerLogger;
  /** Most partitions of all topics together. */
  readonly maxPartitions: number;
  /** Most log files open at the same time. */
  readonly maxOpenFiles: number;
  /** Most idempotent producers remembered per partition. */
  readonly maxProducersPerPartition: number;
  /** Whether changes are forced to the disk before they count. */
  readonly sync: boolean;
}

/** A topic and its logs, by partition. */
export interface Topic {
  readonly name: string;
  /** A UUID; a topic that is created again has another. */
  readonly id: string;
  /** The settings that were given; the others have their defaults. */
  readonly config: TopicConfig;
  readonly logs: readonly PartitionLog[];
}

/**
 * The topics of the broker: `topics.json` says which exist, `topics/<name>.<id>/<partition>/` holds their logs. The file is replaced atomically before a
 * change counts; a directory that it does not name is a leftover and is removed at the next start.
 */
export class TopicStore {
  readonly #options: TopicStoreOptions;
  readonly #files: FilePool;
  readonly #registry: TopicRegistry;
  readonly #topics = new Map<string, Topic>();
  readonly #deletionListeners: ((topic: string) => void)[] = [];
  #partitionCount = 0;

  constructor(options: TopicStoreOptions) {
    this.#options = options;
    this.#files = new FilePool(options.maxOpenFiles);
    this.#registry = new TopicRegistry(options.dataDir, options.sync);
  }

  /** Opens all logs; says what had to be recovered. */
  async open(): Promise<void> {
    const stored = this.#registry.read();
    this.#registry.prepareFolder(stored);
    for (const topic of stored) {
      const logs: PartitionLog[] = [];
      for (let partition = 0; partition < topic.partitions; partition++) {
        logs.push(this.#openLog(topic, partition));
        await nextTurn();
      }
      this.#put({ name: topic.name, id: topic.id, config: topic.config, logs });
    }
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  log(name: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(name)?.logs[partition];
  }

  hasPartition(name: string, partition: number): boolean {
    return this.log(name, partition) !== undefined;
  }

  /** In the order of their creation. */
  all(): Topic[] {
    return [...this.#topics.values()];
  }

  /** Throws {@link TopicError} where {@link create} would. */
  checkCreate(name: string, partitions: number): void {
    const problem = topicNameProblem(name, this.#topics.keys());
    if (this.#topics.has(name)) throw new TopicError(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    if (problem !== null) throw new TopicError(ErrorCode.INVALID_TOPIC_EXCEPTION, problem);
    if (partitions < 1)
      throw new TopicError(
        ErrorCode.INVALID_PARTITIONS,
        `Number of partitions was ${partitions}, at least 1 is allowed`,
      );
    this.#checkRoom(partitions);
  }

  /** Creates a topic with settings that were checked before. */
  create(name: string, partitions: number, config: TopicConfig): Topic {
    this.checkCreate(name, partitions);
    const stored: StoredTopic = { name, id: randomUUID(), partitions, config };
    const logs = this.#openNew(stored, 0, partitions);
    this.#commit(stored, logs, [...this.#storedTopics(), stored]);
    const topic: Topic = { name, id: stored.id, config, logs };
    this.#put(topic);
    this.#options.logger.info('topic created', { topic: name, partitions });
    return topic;
  }

  /** Deletes a topic; its files go in the background. */
  delete(name: string): void {
    const topic = this.#existing(name);
    this.#registry.write(this.#storedTopics().filter((stored) => stored.name !== name));
    this.#topics.delete(name);
    this.#partitionCount -= topic.logs.length;
    const removed = Promise.all(topic.logs.map((log) => log.delete())).then(() =>
      rm(this.#registry.directoryOf(topic), { recursive: true, force: true }),
    );
    removed.catch((error: unknown) =>
      this.#options.logger.warn('a deleted topic has left files behind', { topic: name, error: String(error) }),
    );
    for (const listener of this.#deletionListeners) listener(name);
    this.#options.logger.info('topic deleted', { topic: name });
  }

  /** How many partitions {@link addPartitions} would add. Throws {@link TopicError} where it would. */
  checkAddPartitions(name: string, count: number): number {
    const present = this.#existing(name).logs.length;
    if (count <= present) {
      throw new TopicError(
        ErrorCode.INVALID_PARTITIONS,
        `The topic ${name} currently has ${present} partition(s); ${count} would not be an increase.`,
      );
    }
    this.#checkRoom(count - present);
    return count - present;
  }

  /** Raises a topic's partition count. */
  addPartitions(name: string, count: number): void {
    this.checkAddPartitions(name, count);
    const topic = this.#existing(name);
    const added = this.#openNew(topic, topic.logs.length, count);
    const stored = this.#storedTopics().map((other) => (other.name === name ? { ...other, partitions: count } : other));
    this.#commit(topic, added, stored);
    this.#partitionCount += added.length;
    this.#topics.set(name, { ...topic, logs: [...topic.logs, ...added] });
  }

  /** Replaces a topic's settings by ones that were checked before. */
  setConfig(name: string, config: TopicConfig): void {
    const topic = this.#existing(name);
    this.#registry.write(this.#storedTopics().map((stored) => (stored.name === name ? { ...stored, config } : stored)));
    const logConfig = toLogConfig(config);
    for (const log of topic.logs) log.config = logConfig;
    this.#topics.set(name, { ...topic, config });
  }

  onTopicDeleted(listener: (topic: string) => void): void {
    this.#deletionListeners.push(listener);
  }

  /** Saves and closes all logs. */
  async close(): Promise<void> {
    for (const topic of this.#topics.values()) {
      for (const log of topic.logs) log.close();
      await nextTurn();
    }
  }

  #existing(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined)
      throw new TopicError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `Topic '${name}' does not exist.`);
    return topic;
  }

  #checkRoom(partitions: number): void {
    const { maxPartitions } = this.#options;
    if (this.#partitionCount + partitions <= maxPartitions) return;
    const message = `${partitions} more partitions on top of ${this.#partitionCount}: maxPartitions allows ${maxPartitions} on this broker`;
    throw new TopicError(ErrorCode.INVALID_PARTITIONS, message);
  }

  #put(topic: Topic): void {
    this.#topics.set(topic.name, topic);
    this.#partitionCount += topic.logs.length;
  }

  /** Opens the logs of partitions that are new; what was made before a failure is removed. */
  #openNew(topic: Pick<Topic, 'name' | 'id' | 'config'>, from: number, to: number): PartitionLog[] {
    const logs: PartitionLog[] = [];
    try {
      for (let partition = from; partition < to; partition++) logs.push(this.#openLog(topic, partition));
      return logs;
    } catch (error) {
      discard(logs);
      throw new TopicError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `The partitions could not be made: ${(error as Error).message}`,
      );
    }
  }

  /** Makes new logs of a topic count by naming them in the registry, after their directories with `sync`. */
  #commit(topic: Pick<Topic, 'name' | 'id'>, logs: readonly PartitionLog[], topics: readonly StoredTopic[]): void {
    try {
      if (this.#options.sync) this.#registry.syncDirectoriesOf(topic);
      this.#registry.write(topics);
    } catch (error) {
      discard(logs);
      throw error;
    }
  }

  #openLog(topic: Pick<Topic, 'name' | 'id' | 'config'>, partition: number): PartitionLog {
    const log = new PartitionLog({
      directory: join(this.#registry.directoryOf(topic), String(partition)),
      files: this.#files,
      config: toLogConfig(topic.config),
      maxProducers: this.#options.maxProducersPerPartition,
      durable: this.#options.sync,
    });
    const { scannedBytes, truncatedBytes } = log.recovered;
    if (truncatedBytes > 0)
      this.#options.logger.warn('torn tail cut off', {
        topic: topic.name,
        partition,
        truncatedBytes,
        nextOffset: log.nextOffset,
      });
    if (scannedBytes > 0)
      this.#options.logger.info('log recovered', {
        topic: topic.name,
        partition,
        scannedBytes,
        nextOffset: log.nextOffset,
      });
    return log;
  }

  #storedTopics(): StoredTopic[] {
    return this.all().map(({ name, id, config, logs }) => ({ name, id, partitions: logs.length, config }));
  }
}

function discard(logs: readonly PartitionLog[]): void {
  for (const log of logs) log.delete().catch(() => {});
}
