import { readBatchHeader, type RecordBatchHeader } from '@playhead/kafka-protocol';
import { batchBytesAt } from '../batch-scan.ts';
import { readBuffers } from '../read-buffers.ts';
import type { Segment } from '../segment.ts';

const WINDOW_BYTES = 256 * 1024;
/** Of a batch as much as says how long it is. */
const LENGTH_END = 12;

/** A stored batch. */
export interface StoredBatch {
  readonly bytes: Buffer;
  readonly header: RecordBatchHeader;
}

/**
 * The batches of a closed segment from the one that holds `offset` on. The file is read a window at a time, when the batches before have been taken: the
 * bytes of one are its own until the next is asked for.
 */
export function* batchesFrom(segment: Segment, offset: number): Generator<StoredBatch, void, undefined> {
  let position = segment.positionBefore(offset);
  while (position < segment.size) {
    let window = segment.read(position, WINDOW_BYTES);
    const first = window.length < LENGTH_END ? LENGTH_END : batchBytesAt(window, 0);
    if (first > window.length) {
      readBuffers.giveBack(window);
      window = segment.read(position, first);
    }
    let at = 0;
    for (;;) {
      const header = readBatchHeader(window, at);
      if (header === undefined) break;
      const bytes = window.subarray(at, at + header.sizeInBytes);
      at += header.sizeInBytes;
      if (header.lastOffset >= offset) yield { bytes, header };
    }
    readBuffers.giveBack(window);
    if (at === 0) throw new Error(`segment ${segment.baseOffset} ends within a batch at byte ${position}`);
    position += at;
  }
}
