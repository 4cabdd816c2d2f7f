import { ErrorCode } from '@playhead/kafka-protocol';
import { mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileIfThere, syncDirectory, writeFileAtomically } from './atomic-file.ts';
import type { TopicConfig } from './topic-config.ts';
import { TopicError } from './topic-error.ts';

const FORMAT = 1;
/** A directory's name has room for this much of the topic's name beside its id. */
const MAX_NAME_IN_DIRECTORY = 200;

/** What the registry says about a topic. */
export interface StoredTopic {
  readonly name: string;
  /** A UUID; a topic that is created again has another. */
  readonly id: string;
  readonly partitions: number;
  readonly config: TopicConfig;
}

/** `topics.json`, which decides what topics there are, and the directories `topics/<name>.<id>` below the data directory. */
export class TopicRegistry {
  readonly #path: string;
  readonly #folder: string;
  readonly #durable: boolean;

  constructor(dataDir: string, durable: boolean) {
    this.#path = join(dataDir, 'topics.json');
    this.#folder = join(dataDir, 'topics');
    this.#durable = durable;
  }

  /** All topics, in the order of their creation. Throws for a file of another format. */
  read(): StoredTopic[] {
    const bytes = readFileIfThere(this.#path);
    if (bytes === null) return [];
    const { format, topics } = JSON.parse(bytes.toString()) as {
      readonly format: number;
      readonly topics: StoredTopic[];
    };
    if (format !== FORMAT) throw new Error(`${this.#path} has format ${format}, this version reads ${FORMAT}`);
    return topics;
  }

  /** Replaces the list atomically; throws {@link TopicError} when the disk refuses, and the old list stays. */
  write(topics: readonly StoredTopic[]): void {
    const content = JSON.stringify({ format: FORMAT, topics }, null, 1);
    try {
      writeFileAtomically(this.#path, content, { durable: this.#durable });
    } catch (error) {
      throw new TopicError(
        ErrorCode.KAFKA_STORAGE_ERROR,
        `The topic registry could not be written: ${(error as Error).message}`,
      );
    }
  }

  /** Where a topic's partitions are, each in a directory named by its number. */
  directoryOf({ name, id }: Pick<StoredTopic, 'name' | 'id'>): string {
    return join(this.#folder, `${name.slice(0, MAX_NAME_IN_DIRECTORY)}.${id}`);
  }

  /** Forces a topic's directory, and the names of its partitions in it, to the disk. */
  syncDirectoriesOf(topic: Pick<StoredTopic, 'name' | 'id'>): void {
    syncDirectory(this.directoryOf(topic));
    syncDirectory(this.#folder);
  }

  /** Makes the folder of all topics and clears away, in the background, what deleted topics and interrupted creations left in it. */
  prepareFolder(stored: readonly StoredTopic[]): void {
    mkdirSync(this.#folder, { recursive: true });
    const known = new Set(stored.map((topic) => this.directoryOf(topic)));
    for (const name of readdirSync(this.#folder)) {
      const directory = join(this.#folder, name);
      if (!known.has(directory)) rm(directory, { recursive: true, force: true }).catch(() => {});
    }
  }
}
