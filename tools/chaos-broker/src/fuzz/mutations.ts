import { crc32c, BatchOffset } from '@playhead/kafka-protocol';
import type { SeededRandom } from '../seeded-random.ts';

/** Makes a bad frame of a copy of a good one. */
type Mutation = (frame: Buffer, random: SeededRandom) => Buffer;

/** Counts and lengths that have hurt decoders: −1, the ends of the range, one too many, none. */
const HOSTILE_INT32 = [-1, 0x7fffffff, -0x80000000, 1_000_001, 100_000_000, 0, 255];
const HOSTILE_INT16 = [-1, 0x7fff, -0x8000, 0, 255];
/** Varints of 5 and 10 bytes that say 2^32 − 1, 2^63 and never end. */
const HOSTILE_VARINTS = [
  'ffffffff0f',
  'ffffffff7f',
  'ffffffffffffffffff01',
  '80808080808080808080',
  '808080808000',
].map((hex) => Buffer.from(hex, 'hex'));
const SIZE_BYTES = 4;

const somewhere = (frame: Buffer, random: SeededRandom, width: number): number =>
  SIZE_BYTES + random.below(Math.max(1, frame.length - SIZE_BYTES - width));

/** Every way in which frames are spoilt, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'cut off': (frame, random) => resized(frame.subarray(0, SIZE_BYTES + random.below(frame.length - SIZE_BYTES))),
  'one byte flipped': (frame, random) => {
    const at = somewhere(frame, random, 1);
    frame[at] = frame[at]! ^ (1 << random.below(8));
    return frame;
  },
  'bytes changed': (frame, random) => {
    for (let i = 0; i <= random.below(6); i++) frame[somewhere(frame, random, 1)] = random.below(256);
    return frame;
  },
  'hostile count': (frame, random) => {
    frame.writeInt32BE(random.pick(HOSTILE_INT32), somewhere(frame, random, 4));
    return frame;
  },
  'hostile length': (frame, random) => {
    frame.writeInt16BE(random.pick(HOSTILE_INT16), somewhere(frame, random, 2));
    return frame;
  },
  'hostile varint': (frame, random) => {
    const at = somewhere(frame, random, 1);
    return resized(Buffer.concat([frame.subarray(0, at), random.pick(HOSTILE_VARINTS), frame.subarray(at)]));
  },
  'bytes put in': (frame, random) => {
    const at = somewhere(frame, random, 1);
    return resized(Buffer.concat([frame.subarray(0, at), noise(random, 1 + random.below(40)), frame.subarray(at)]));
  },
  'another API or version': (frame, random) => {
    frame.writeInt16BE(random.below(60), SIZE_BYTES);
    frame.writeInt16BE(random.below(16), SIZE_BYTES + 2);
    return frame;
  },
  'random bytes': (_frame, random) =>
    resized(Buffer.concat([Buffer.alloc(SIZE_BYTES), noise(random, random.below(300))])),
  'wrong size': (frame, random) => {
    frame.writeInt32BE(
      random.pick([frame.length + random.below(1_000_000), random.below(frame.length), -1, 0x7fffffff]),
      0,
    );
    return frame;
  },
  'spoilt batch with a right checksum': (frame, random) => {
    // A batch is the only thing in a frame with magic 2 at its place; frames without one are just changed.
    const start = batchStart(frame);
    if (start < 0) return MUTATIONS['bytes changed']!(frame, random);
    const body = start + BatchOffset.ATTRIBUTES;
    for (let i = 0; i <= random.below(4); i++) frame[body + random.below(frame.length - body)] = random.below(256);
    frame.writeUInt32BE(crc32c(frame, body, frame.length), start + BatchOffset.CRC);
    return frame;
  },
};

const PRODUCE = 0;

/** Where the batch of a Produce frame begins, whose records are its last field; −1 where there is none. */
function batchStart(frame: Buffer): number {
  if (frame.readInt16BE(SIZE_BYTES) !== PRODUCE) return -1;
  for (let start = SIZE_BYTES; start + BatchOffset.ATTRIBUTES < frame.length; start++) {
    if (start + 12 + frame.readInt32BE(start + 8) === frame.length) return start;
  }
  return -1;
}

function noise(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}

function resized(frame: Buffer): Buffer {
  const copy = Buffer.alloc(Math.max(frame.length, SIZE_BYTES));
  frame.copy(copy);
  copy.writeInt32BE(copy.length - SIZE_BYTES, 0);
  return copy;
}
