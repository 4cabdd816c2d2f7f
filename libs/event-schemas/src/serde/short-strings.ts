import { textAt } from '@playhead/stream-core';
import avro from 'avsc';
import type { Schema, Type } from 'avsc';

/** avsc reads every string by a call into the runtime; most of ours are short. Replaces avsc's internal `_read`, so a test asserts that it is really used. */
interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  _invalidate(): void;
}

const StringType = avro.types.StringType as unknown as new () => object;

class ShortStringType extends StringType {
  _read(tap: Tap): string {
    const length = tap.readLong();
    const start = tap.pos;
    const end = start + length;
    if (length < 0 || end > tap.buf.length) {
      tap._invalidate();
      return '';
    }
    tap.pos = end;
    return textAt(tap.buf, start, end);
  }
}

/** avsc's `typeHook`: the type of a string, undefined of everything else. */
export function shortStrings(schema: Schema): Type | undefined {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
  return kind === 'string' ? (new ShortStringType() as unknown as Type) : undefined;
}
