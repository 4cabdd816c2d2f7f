// Raw snappy: the length of the output as an unsigned varint, then elements whose tag's lowest two bits say what they are:
// 0 literal bytes, 1, 2 and 3 a copy from earlier output with an offset of 11, 16 and 32 bits.
// Java producers put chunks of it into a stream (xerial): 8 bytes of magic, two int32 versions, then int32 length and chunk until the end.

const STREAM_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const STREAM_HEADER_BYTES = STREAM_MAGIC.length + 8;
/** A copy of 64 bytes takes 3: what announces more than this many times its size is not allocated for. */
const MAX_RATIO = 22;
/** Longer literals have their length in bytes of their own. */
const LONGEST_SHORT_LITERAL = 60;

/** Decompresses snappy, raw or in a stream. Throws RangeError for what is no snappy or opens to more than `maxBytes`. */
export function decompressSnappy(input: Buffer, maxBytes: number): Buffer {
  if (!input.subarray(0, STREAM_MAGIC.length).equals(STREAM_MAGIC)) return decompressRaw(input, maxBytes);
  const chunks: Buffer[] = [];
  let left = maxBytes;
  for (let at = STREAM_HEADER_BYTES; at < input.length;) {
    const length = input.readInt32BE(at);
    at += 4;
    if (length < 0 || length > input.length - at) throw new RangeError(`a chunk of ${length} bytes at byte ${at}`);
    const chunk = decompressRaw(input.subarray(at, at + length), left);
    chunks.push(chunk);
    left -= chunk.length;
    at += length;
  }
  return Buffer.concat(chunks);
}

function decompressRaw(input: Buffer, maxBytes: number): Buffer {
  let { value: length, next: from } = outputLength(input);
  const most = Math.min(maxBytes, input.length * MAX_RATIO);
  if (length > most) throw new RangeError(`${length} bytes, at most ${most} are allowed`);
  const output = Buffer.allocUnsafe(length);
  let to = 0;
  while (from < input.length) {
    const tag = input[from++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      const extraBytes = Math.max(0, (tag >>> 2) - LONGEST_SHORT_LITERAL + 1);
      length = extraBytes === 0 ? (tag >>> 2) + 1 : input.readUIntLE(from, extraBytes) + 1;
      from += extraBytes;
      if (length > input.length - from || length > output.length - to)
        throw new RangeError(`a literal of ${length} bytes at byte ${from}`);
      input.copy(output, to, from, from + length);
      from += length;
    } else {
      const offsetBytes = kind === 3 ? 4 : kind;
      const low = input.readUIntLE(from, offsetBytes);
      from += offsetBytes;
      const offset = kind === 1 ? ((tag >>> 5) << 8) | low : low;
      length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      repeat(output, to, offset, length);
    }
    to += length;
  }
  if (to !== output.length) throw new RangeError(`${to} bytes instead of ${output.length}`);
  return output;
}

function outputLength(input: Buffer): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = 0; at < 5; at++) {
    const byte = input.readUInt8(at);
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new RangeError('a length that does not fit 32 bits');
}

/** Copies output from `offset` bytes before `to`; the two may overlap, which repeats what lies between them. Throws RangeError outside of the output. */
export function repeat(output: Buffer, to: number, offset: number, length: number): void {
  if (offset === 0 || offset > to || length > output.length - to)
    throw new RangeError(`a copy of ${length} bytes from ${offset} before byte ${to}`);
  if (offset >= length) output.copyWithin(to, to - offset, to - offset + length);
  else for (let i = 0; i < length; i++) output[to + i] = output[to - offset + i] as number;
}
