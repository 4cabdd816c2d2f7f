import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerLogger } from '../logger.ts';
import { EntryFile } from '../storage/entry-file.ts';
import {
  decodeOffsetEntry,
  encodeOffsetEntry,
  type CommittedOffset,
  type OffsetEntry,
  type PartitionOffset,
} from './offset-entry.ts';
import { PendingOffsets } from './pending-offsets.ts';

/** What is kept of a group besides its offsets. */
export interface StoredGroup {
  readonly protocolType: string;
  readonly generationId: number;
  /** -1: it had members when it was last seen. */
  readonly emptySinceMs: number;
}

interface GroupRecord {
  stored: StoredGroup | null;
  readonly topics: Map<string, Map<number, CommittedOffset>>;
  readonly pending: PendingOffsets;
}

/** Settings of an {@link OffsetStore}. */
export interface OffsetStoreOptions {
  /** The file is rewritten when it is larger than this and has doubled since it was last. */
  readonly compactAboveBytes: number;
  /** Force every change to the disk. */
  readonly sync: boolean;
  readonly logger: BrokerLogger;
}

/** Committed offsets of all groups: in memory, and in one append-only file that is read again at start. A change that the disk refuses is thrown and not made. */
export class OffsetStore {
  readonly #file: EntryFile;
  readonly #options: OffsetStoreOptions;
  readonly #groups = new Map<string, GroupRecord>();
  #compactAtBytes = 0;

  /** Reads `offsets.log` in the directory, which is made if it is missing. */
  constructor(directory: string, options: OffsetStoreOptions) {
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'offsets.log');
    const { file, recovered } = EntryFile.open(path, options.sync);
    this.#file = file;
    this.#options = options;
    for (const payload of recovered.payloads) this.#apply(decodeOffsetEntry(payload));
    if (recovered.tornBytes > 0) {
      options.logger.warn('committed offsets: cut off a torn entry', { file: path, bytes: recovered.tornBytes });
    }
    this.#compactAtBytes = options.compactAboveBytes;
    this.#compactIfLarge();
  }

  /** All groups that have been stored or have offsets. */
  groupIds(): string[] {
    return [...this.#groups.keys()];
  }

  stored(group: string): StoredGroup | null {
    return this.#groups.get(group)?.stored ?? null;
  }

  offset(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.topics.get(topic)?.get(partition);
  }

  /** All offsets of a group. */
  offsets(group: string): PartitionOffset[] {
    const topics = this.#groups.get(group)?.topics ?? [];
    return [...topics].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, committed]) => ({ topic, partition, ...committed })),
    );
  }

  hasOffsets(group: string): boolean {
    return (this.#groups.get(group)?.topics.size ?? 0) > 0;
  }

  /** Whether a transaction that has not ended has an offset for the partition. */
  isUnstable(group: string, topic: string, partition: number): boolean {
    return this.#groups.get(group)?.pending.has(topic, partition) ?? false;
  }

  /** Whether a transaction of the producer, or of any if none is named, has offsets of the group. */
  hasPending(group: string, producerId?: number): boolean {
    const pending = this.#groups.get(group)?.pending;
    if (pending === undefined) return false;
    return producerId === undefined ? !pending.isEmpty : pending.hasProducer(producerId);
  }

  /** Keeps offsets until the producer's transaction ends. */
  commitPending(group: string, producerId: number, offsets: readonly PartitionOffset[]): void {
    if (offsets.length > 0) this.#change({ kind: 'pending', group, producerId, offsets });
  }

  /** Ends a producer's transaction: what is pending is committed, or dropped. May be told twice. */
  endPending(group: string, producerId: number, committed: boolean): void {
    if (this.hasPending(group, producerId)) this.#change({ kind: 'ended', group, producerId, committed });
  }

  commit(group: string, offsets: readonly PartitionOffset[]): void {
    if (offsets.length > 0) this.#change({ kind: 'committed', group, offsets });
  }

  forget(group: string, partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    if (partitions.length > 0) this.#change({ kind: 'forgotten', group, partitions });
  }

  /** Drops every group's offsets of a topic, pending ones too. */
  forgetTopic(topic: string): void {
    for (const group of this.groupIds()) {
      const committed = this.offsets(group).filter((offset) => offset.topic === topic);
      const pending = this.#groups.get(group)?.pending.partitionsOf(topic) ?? [];
      this.forget(group, [...committed, ...pending]);
    }
  }

  saveGroup(group: string, stored: StoredGroup): void {
    this.#change({ kind: 'group', group, ...stored });
  }

  deleteGroup(group: string): void {
    if (this.#groups.has(group)) this.#change({ kind: 'deleted', group });
  }

  close(): void {
    this.#file.close();
  }

  #change(entry: OffsetEntry): void {
    this.#file.append(encodeOffsetEntry(entry));
    this.#apply(entry);
    this.#compactIfLarge();
  }

  #apply(entry: OffsetEntry): void {
    if (entry.kind === 'deleted') {
      this.#groups.delete(entry.group);
      return;
    }
    const record = this.#record(entry.group);
    if (entry.kind === 'group') {
      const { protocolType, generationId, emptySinceMs } = entry;
      record.stored = { protocolType, generationId, emptySinceMs };
    } else if (entry.kind === 'committed') {
      record.pending.overtake(entry.offsets);
      setOffsets(record, entry.offsets);
    } else if (entry.kind === 'pending') {
      record.pending.add(entry.producerId, entry.offsets);
    } else if (entry.kind === 'ended') {
      const offsets = record.pending.end(entry.producerId);
      if (entry.committed) setOffsets(record, offsets);
    } else {
      record.pending.forget(entry.partitions);
      for (const { topic, partition } of entry.partitions) {
        const partitions = record.topics.get(topic);
        partitions?.delete(partition);
        if (partitions?.size === 0) record.topics.delete(topic);
      }
    }
  }

  #record(group: string): GroupRecord {
    let record = this.#groups.get(group);
    if (record === undefined) this.#groups.set(group, (record = emptyRecord()));
    return record;
  }

  /** Rewrites the file with what is still true. Failing to is no loss: it is tried again when the file has doubled. */
  #compactIfLarge(): void {
    if (this.#file.size < this.#compactAtBytes) return;
    const before = this.#file.size;
    try {
      this.#file.rewrite([...this.#groups.keys()].flatMap((group) => this.#entriesOf(group)).map(encodeOffsetEntry));
      this.#options.logger.info('committed offsets: file rewritten', { bytes: this.#file.size, bytesBefore: before });
    } catch (error) {
      this.#options.logger.error('committed offsets: file could not be rewritten', { reason: String(error) });
    }
    this.#compactAtBytes = Math.max(this.#options.compactAboveBytes, 2 * this.#file.size);
  }

  #entriesOf(group: string): OffsetEntry[] {
    const entries: OffsetEntry[] = [];
    const stored = this.stored(group);
    const offsets = this.offsets(group);
    if (stored !== null) entries.push({ kind: 'group', group, ...stored });
    // In this order, because a commit overtakes what is pending before it.
    entries.push(...this.#pendingOf(group, true));
    if (offsets.length > 0) entries.push({ kind: 'committed', group, offsets });
    entries.push(...this.#pendingOf(group, false));
    return entries;
  }

  #pendingOf(group: string, isOvertaken: boolean): OffsetEntry[] {
    const pending = this.#groups.get(group)?.pending.stored(isOvertaken) ?? [];
    return pending.map(({ producerId, offsets }) => ({ kind: 'pending', group, producerId, offsets }));
  }
}

const emptyRecord = (): GroupRecord => ({ stored: null, topics: new Map(), pending: new PendingOffsets() });

function setOffsets(record: GroupRecord, offsets: readonly PartitionOffset[]): void {
  for (const { topic, partition, ...committed } of offsets) {
    let partitions = record.topics.get(topic);
    if (partitions === undefined) record.topics.set(topic, (partitions = new Map()));
    partitions.set(partition, committed);
  }
}
