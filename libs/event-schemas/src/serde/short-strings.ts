import { textAt } from '@playhead/stream-core';
import avro from 'avsc';
import type { Schema, Type } from 'avsc';

/**
 * avsc reads every string, and finds the length of every one it writes, by a call into the runtime; most of ours are short
 * and ASCII. Replaces avsc's internal `_read` and `_write`, so a test asserts that they are really used.
 */
interface Tap extends TextTap {
  writeString(text: string): void;
}

/** What is used of avsc's `Tap` for a text. */
export interface TextTap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  _invalidate(): void;
}

const StringType = avro.types.StringType as unknown as new () => { _write(tap: Tap, value: unknown): void };
/** The length of a longer string does not fit into one byte (Avro 1.12, zig-zag). */
const MAX_ONE_BYTE_LENGTH = 63;
const MAX_ONE_BYTE = 2 * MAX_ONE_BYTE_LENGTH;
const FIRST_NOT_ASCII = 0x80;

class ShortStringType extends StringType {
  _read(tap: Tap): string {
    return readText(tap);
  }

  override _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string' || !writeShortAscii(tap, value)) super._write(tap, value);
  }
}

/** A string of any length; the tap is invalid behind one that is not all there. */
export function readText(tap: TextTap): string {
  const { buf } = tap;
  const first = buf[tap.pos];
  let length: number;
  if (first !== undefined && first <= MAX_ONE_BYTE && first % 2 === 0) {
    tap.pos++;
    length = first / 2;
  } else length = tap.readLong();
  const start = tap.pos;
  const end = start + length;
  if (length < 0 || end > buf.length) {
    tap._invalidate();
    return '';
  }
  tap.pos = end;
  return textAt(buf, start, end);
}

/** False, with the tap as it was, for a text that is longer, not ASCII or does not fit. */
export function writeShortAscii(tap: TextTap, text: string): boolean {
  const { length } = text;
  const { buf, pos } = tap;
  const start = pos + 1;
  if (length > MAX_ONE_BYTE_LENGTH || start + length > buf.length) return false;
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= FIRST_NOT_ASCII) return false;
    buf[start + at] = unit;
  }
  buf[pos] = length * 2;
  tap.pos = start + length;
  return true;
}

/** avsc's `typeHook`: the type of a string, undefined of everything else. */
export function shortStrings(schema: Schema): Type | undefined {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
  return kind === 'string' ? (new ShortStringType() as unknown as Type) : undefined;
}
