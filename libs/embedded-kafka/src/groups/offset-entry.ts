import { ByteReader, ByteWriter } from '@playhead/kafka-protocol';

/** A committed offset. */
export interface CommittedOffset {
  /** Of the next record to read. */
  readonly offset: number;
  /** -1 where the client gave none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
}

/** One partition's offset. */
export interface PartitionOffset extends CommittedOffset {
  readonly topic: string;
  readonly partition: number;
}

/** What happened to a group, as it is kept in the offsets file. */
export type OffsetEntry =
  | { readonly kind: 'committed'; readonly group: string; readonly offsets: readonly PartitionOffset[] }
  | {
      readonly kind: 'forgotten';
      readonly group: string;
      readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
    }
  | {
      readonly kind: 'group';
      readonly group: string;
      readonly protocolType: string;
      readonly generationId: number;
      /** -1: it had members. */
      readonly emptySinceMs: number;
    }
  | { readonly kind: 'deleted'; readonly group: string }
  /** Committed in a transaction that has not ended. */
  | {
      readonly kind: 'pending';
      readonly group: string;
      readonly producerId: number;
      readonly offsets: readonly PartitionOffset[];
    }
  /** The producer's transaction has ended: what is pending of it counts, or never was. */
  | { readonly kind: 'ended'; readonly group: string; readonly producerId: number; readonly committed: boolean };

/** The numbers of the kinds in the file; never to be used for another. */
const KIND = { committed: 1, forgotten: 2, group: 3, deleted: 4, pending: 5, ended: 6 } as const;

/** An entry's bytes, without the length and checksum around it. */
export function encodeOffsetEntry(entry: OffsetEntry): Buffer {
  const writer = new ByteWriter(128);
  writer.int8(KIND[entry.kind]);
  writer.compactNullableString(entry.group);
  switch (entry.kind) {
    case 'committed':
      writeOffsets(writer, entry.offsets);
      break;
    case 'pending':
      writer.int64(entry.producerId);
      writeOffsets(writer, entry.offsets);
      break;
    case 'ended':
      writer.int64(entry.producerId);
      writer.int8(entry.committed ? 1 : 0);
      break;
    case 'forgotten':
      writer.unsignedVarint(entry.partitions.length);
      for (const { topic, partition } of entry.partitions) {
        writer.compactNullableString(topic);
        writer.int32(partition);
      }
      break;
    case 'group':
      writer.compactNullableString(entry.protocolType);
      writer.int32(entry.generationId);
      writer.int64(entry.emptySinceMs);
      break;
    case 'deleted':
      break;
  }
  return Buffer.concat(writer.chunks());
}

/** Reads what {@link encodeOffsetEntry} wrote; throws ProtocolError for anything else. */
export function decodeOffsetEntry(bytes: Buffer): OffsetEntry {
  const reader = new ByteReader(bytes);
  const kind = reader.int8();
  const group = reader.compactNullableString() ?? '';
  switch (kind) {
    case KIND.committed:
      return { kind: 'committed', group, offsets: readOffsets(reader) };
    case KIND.pending: {
      const producerId = reader.int64();
      return { kind: 'pending', group, producerId, offsets: readOffsets(reader) };
    }
    case KIND.ended: {
      const producerId = reader.int64();
      return { kind: 'ended', group, producerId, committed: reader.int8() === 1 };
    }
    case KIND.forgotten: {
      const partitions = times(reader.unsignedVarint(), () => ({
        topic: reader.compactNullableString() ?? '',
        partition: reader.int32(),
      }));
      return { kind: 'forgotten', group, partitions };
    }
    case KIND.group: {
      const protocolType = reader.compactNullableString() ?? '';
      return { kind: 'group', group, protocolType, generationId: reader.int32(), emptySinceMs: reader.int64() };
    }
    case KIND.deleted:
      return { kind: 'deleted', group };
    default:
      throw new Error(`offsets file entry of kind ${kind}, this version knows 1 to 6`);
  }
}

function writeOffsets(writer: ByteWriter, offsets: readonly PartitionOffset[]): void {
  writer.unsignedVarint(offsets.length);
  for (const { topic, partition, offset, leaderEpoch, metadata, committedAtMs } of offsets) {
    writer.compactNullableString(topic);
    writer.int32(partition);
    writer.int64(offset);
    writer.int32(leaderEpoch);
    writer.compactNullableString(metadata);
    writer.int64(committedAtMs);
  }
}

function readOffsets(reader: ByteReader): PartitionOffset[] {
  return times(reader.unsignedVarint(), () => ({
    topic: reader.compactNullableString() ?? '',
    partition: reader.int32(),
    offset: reader.int64(),
    leaderEpoch: reader.int32(),
    metadata: reader.compactNullableString() ?? '',
    committedAtMs: reader.int64(),
  }));
}

function times<T>(count: number, make: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(make());
  return items;
}
