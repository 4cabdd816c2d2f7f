/**
 * Keeps the stores of standbys up to date: reads their changelogs for ever, all over one fetcher.
 *
 *     follow ─▶ from where the state ends ─▶ records to the store, as they come ─▶ unfollow: the state ends here
 *
 * A table's source topic is state only up to the group's committed offset: it is read so far, and on when that has moved.
 * Restores of tasks that are to process go first.
 */
import { setTimeout } from 'node:timers/promises';
import type { FetcherOptions } from '../../kafka/fetcher-options.ts';
import type { Fetcher } from '../../kafka/fetcher.ts';
import type { KafkaClient } from '../../kafka/kafka-client.ts';
import type { FetchedRecords, OffsetAndMetadata, TopicPartition } from '../../kafka/types.ts';
import type { StreamsCounters } from '../streams-metrics.ts';
import { eachRecord, type TakeRecord } from './raw-records.ts';

/** One changelog partition to follow. */
export interface FollowedChangelog extends TopicPartition {
  readonly task: string;
  /** Where the state ends that the store has already. Default: the log's first offset. */
  readonly startOffset: number | undefined;
  /** It is a table's source topic. */
  readonly isSource: boolean;
  /** Puts a record into the store. */
  readonly take: TakeRecord;
  /** Told up to where everything has been taken; what it gives is waited for. */
  readonly reached: (offset: number) => Promise<void> | undefined;
}

/** The part of `Fetcher` that a feed needs. */
export type FeedFetcher = Pick<Fetcher, 'add' | 'remove' | 'poll' | 'position' | 'waitForData' | 'close'>;

/** What a feed works with. */
export interface StandbyFeedOptions {
  readonly client: Pick<KafkaClient, 'listOffsets'>;
  readonly createFetcher: (options: FetcherOptions) => FeedFetcher;
  /** The group's offsets. */
  readonly committed: (partitions: readonly TopicPartition[]) => Promise<readonly (OffsetAndMetadata | undefined)[]>;
  /** Something is being restored that is to process: it goes first. */
  readonly isRestoring: () => boolean;
  /** Called when something has been applied or become known. */
  readonly onProgress: () => void;
  /** A changelog of the task cannot be read on, or its store refuses a record. Nothing more of that partition is applied. */
  readonly onFailed: (task: string, error: unknown) => void;
  readonly sliceMs: number;
  readonly counters: StreamsCounters;
}

interface Following {
  readonly changelog: FollowedChangelog;
  /** Aborted: its store takes no further record. */
  readonly ended: AbortController;
  /** Offset after the last record applied. */
  position: number;
  /** Read no further than this. */
  limit: number;
  isFetched: boolean;
}

const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const IDLE_WAIT_MS = 500;
/** Committed offsets of source topics are looked up this often. */
const LIMIT_INTERVAL_MS = 500;
const RESTORE_PAUSE_MS = 20;

/** The feed of an instance's standbys. */
export class StandbyFeed {
  readonly #options: StandbyFeedOptions;
  /** By partition: at most one of each changelog of this instance's standbys. */
  readonly #following = new Map<string, Following>();
  #fetcher: FeedFetcher | undefined;
  #nextLimitsMs = 0;

  constructor(options: StandbyFeedOptions) {
    this.#options = options;
  }

  /** Begins to follow as soon as it is known where, if they are still wanted then. Rejects when the brokers do not say where the logs begin. */
  async follow(changelogs: readonly FollowedChangelog[], isWanted: () => boolean): Promise<void> {
    const starts = await this.#options.client.listOffsets(changelogs, 'earliest');
    if (!isWanted()) return;
    for (const [index, changelog] of changelogs.entries()) {
      this.#following.set(keyOf(changelog), {
        changelog,
        ended: new AbortController(),
        position: Math.max(changelog.startOffset ?? 0, starts[index]?.offset ?? 0),
        limit: changelog.isSource ? 0 : Number.POSITIVE_INFINITY,
        isFetched: false,
      });
    }
    this.#nextLimitsMs = 0;
    const isFirst = this.#fetcher === undefined;
    this.#fetcher ??= this.#options.createFetcher({ maxBufferedBytes: MAX_BUFFERED_BYTES, onOutOfRange: 'earliest' });
    for (const changelog of changelogs) this.#fetch(this.#fetcher, this.#following.get(keyOf(changelog)));
    if (isFirst) void this.#run(this.#fetcher);
  }

  /** Stops at once, between two records. Gives where the state of each ends; undefined for one that was not followed. */
  unfollow(partitions: readonly TopicPartition[]): readonly (number | undefined)[] {
    return partitions.map((partition) => {
      const following = this.#following.get(keyOf(partition));
      if (following === undefined) return undefined;
      this.#following.delete(keyOf(partition));
      following.ended.abort();
      this.#fetcher?.remove([partition]);
      return following.position;
    });
  }

  /** Where the state of a changelog ends; undefined for one that is not followed. */
  position(partition: TopicPartition): number | undefined {
    return this.#following.get(keyOf(partition))?.position;
  }

  /** Offsets between the state and what could be in it; undefined until it is known. */
  lag(partition: TopicPartition): number | undefined {
    const following = this.#following.get(keyOf(partition));
    if (following === undefined) return undefined;
    const { changelog, limit, position } = following;
    if (changelog.isSource) return this.#nextLimitsMs === 0 ? undefined : Math.max(0, limit - position);
    const end = this.#fetcher?.position(partition)?.end ?? -1;
    return end < 0 ? undefined : Math.max(0, end - position);
  }

  #fetch(fetcher: FeedFetcher, following: Following | undefined): void {
    if (following === undefined || following.isFetched || following.position >= following.limit) return;
    const { topic, partition } = following.changelog;
    following.isFetched = true;
    fetcher.add([{ topic, partition, offset: following.position }]);
  }

  /** Lives as long as there is something to follow. */
  async #run(fetcher: FeedFetcher): Promise<void> {
    while (this.#following.size > 0) {
      try {
        await this.#moveLimits(fetcher);
        if (this.#options.isRestoring()) await setTimeout(RESTORE_PAUSE_MS);
        else if (!(await this.#applyFetched(fetcher))) {
          this.#options.onProgress();
          await fetcher.waitForData(IDLE_WAIT_MS);
        }
      } catch (error) {
        // The fetcher does not say whose changelog it was.
        for (const task of new Set([...this.#following.values()].map(({ changelog }) => changelog.task)))
          this.#options.onFailed(task, error);
      }
    }
    if (this.#fetcher === fetcher) this.#fetcher = undefined;
    await fetcher.close();
  }

  async #moveLimits(fetcher: FeedFetcher): Promise<void> {
    const nowMs = performance.now();
    if (nowMs < this.#nextLimitsMs) return;
    const sources = [...this.#following.values()].filter(({ changelog }) => changelog.isSource);
    this.#nextLimitsMs = nowMs + LIMIT_INTERVAL_MS;
    if (sources.length === 0) return;
    // A coordinator that is away moves no limit.
    const committed = await this.#options.committed(sources.map(({ changelog }) => changelog)).catch(() => []);
    for (const [index, following] of sources.entries()) {
      following.limit = Math.max(following.limit, committed[index]?.offset ?? 0);
      if (!following.ended.signal.aborted) this.#fetch(fetcher, following);
    }
  }

  /** False: nothing has come. */
  async #applyFetched(fetcher: FeedFetcher): Promise<boolean> {
    // Whose they are is settled now: while one waits for a codec, another may leave and come back.
    const polled = fetcher.poll().map((fetched) => ({ fetched, following: this.#following.get(keyOf(fetched)) }));
    for (const { fetched, following } of polled) {
      if (following === undefined || following.ended.signal.aborted) continue;
      await this.#apply(fetcher, fetched, following);
      this.#options.onProgress();
    }
    return polled.length > 0;
  }

  async #apply(fetcher: FeedFetcher, fetched: FetchedRecords, following: Following): Promise<void> {
    const { changelog, ended } = following;
    const { signal } = ended;
    const take: TakeRecord = (key, value, timestamp, offset) => {
      if (signal.aborted || offset >= following.limit || offset < following.position) return;
      changelog.take(key, value, timestamp, offset);
      following.position = offset + 1;
      this.#options.counters.standbyRecords++;
    };
    try {
      const afterSlice = (): Promise<void> | undefined =>
        signal.aborted ? undefined : changelog.reached(following.position);
      await eachRecord(fetched, { sliceMs: this.#options.sliceMs, take, afterSlice, signal });
      if (signal.aborted) return;
      following.position = Math.max(following.position, Math.min(fetched.nextOffset, following.limit));
      await changelog.reached(following.position);
    } catch (error) {
      if (!signal.aborted) this.#options.onFailed(changelog.task, error);
      return;
    }
    if (signal.aborted) return;
    if (fetched.nextOffset < following.limit) return;
    following.isFetched = false;
    fetcher.remove([changelog]);
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
