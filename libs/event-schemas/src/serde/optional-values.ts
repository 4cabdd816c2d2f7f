import avro from 'avsc';
import type { Schema, Type } from 'avsc';
import { readText, writeShortAscii } from './short-strings.ts';
import type { TextTap } from './short-strings.ts';

/**
 * avsc finds a union's branch by the name of the value's type, and reads its number as any; most of our unions are `["null", X]`.
 * These types replace avsc's internal `_read` and `_write` of those, so a test asserts that they are really used.
 */
interface Tap extends TextTap {
  writeLong(value: number): void;
}

interface InnerType {
  _read(tap: Tap): unknown;
  _write(tap: Tap, value: unknown): void;
}

type UnionConstructor = new (schema: Schema, options: object) => InnerType & { readonly types: readonly InnerType[] };

const UnwrappedUnionType = avro.types.UnwrappedUnionType as unknown as UnionConstructor;
/** The zig-zag of a branch's index. */
const NULL_BRANCH = 0;
const VALUE_BRANCH = 2;
/** The largest long that avsc takes. */
const MAX_LONG = Number.MAX_SAFE_INTEGER - 1;

class OptionalType extends UnwrappedUnionType {
  override _read(tap: Tap): unknown {
    const branch = tap.buf[tap.pos];
    if (branch !== NULL_BRANCH && branch !== VALUE_BRANCH) return super._read(tap);
    tap.pos++;
    return branch === NULL_BRANCH ? null : this.types[1]!._read(tap);
  }

  override _write(tap: Tap, value: unknown): void {
    if (value === null) tap.buf[tap.pos++] = NULL_BRANCH;
    // What an object is (a record, an array, bytes) is avsc's to tell.
    else if (typeof value === 'object') super._write(tap, value);
    else {
      tap.buf[tap.pos++] = VALUE_BRANCH;
      this.types[1]!._write(tap, value);
    }
  }
}

// A class for each of the most frequent values, though one would do: a call that meets many types is not inlined. A beat is
// written in 1.3 to 1.4 µs, and was in 1.5 to 1.7.

class OptionalLong extends OptionalType {
  override _read(tap: Tap): unknown {
    const start = tap.pos;
    if (tap.buf[start] !== VALUE_BRANCH) return super._read(tap);
    tap.pos++;
    const value = tap.readLong();
    if (Math.abs(value) <= MAX_LONG) return value;
    // That refuses it.
    tap.pos = start;
    return super._read(tap);
  }

  override _write(tap: Tap, value: unknown): void {
    if (value === null) tap.buf[tap.pos++] = NULL_BRANCH;
    else if (Number.isInteger(value) && Math.abs(value as number) <= MAX_LONG) {
      tap.buf[tap.pos++] = VALUE_BRANCH;
      tap.writeLong(value as number);
    } else super._write(tap, value);
  }
}

class OptionalInt extends OptionalType {
  override _read(tap: Tap): unknown {
    if (tap.buf[tap.pos] !== VALUE_BRANCH) return super._read(tap);
    tap.pos++;
    return tap.readLong();
  }

  override _write(tap: Tap, value: unknown): void {
    if (value === null) tap.buf[tap.pos++] = NULL_BRANCH;
    else if (typeof value === 'number' && (value | 0) === value) {
      tap.buf[tap.pos++] = VALUE_BRANCH;
      tap.writeLong(value);
    } else super._write(tap, value);
  }
}

class OptionalText extends OptionalType {
  override _read(tap: Tap): unknown {
    if (tap.buf[tap.pos] !== VALUE_BRANCH) return super._read(tap);
    tap.pos++;
    return readText(tap);
  }

  override _write(tap: Tap, value: unknown): void {
    if (value === null) tap.buf[tap.pos++] = NULL_BRANCH;
    else if (typeof value === 'string') {
      tap.buf[tap.pos++] = VALUE_BRANCH;
      if (!writeShortAscii(tap, value)) this.types[1]!._write(tap, value);
    } else super._write(tap, value);
  }
}

const CLASSES = new Map<unknown, UnionConstructor>([
  ['long', OptionalLong],
  ['int', OptionalInt],
  ['string', OptionalText],
]);

/** avsc's `typeHook`: the type of a union of null and one other, null first; undefined of everything else. */
export function optionalValues(schema: Schema, options: object): Type | undefined {
  if (!Array.isArray(schema) || schema.length !== 2 || schema[0] !== 'null') return undefined;
  const Optional = CLASSES.get(schema[1]) ?? OptionalType;
  return new Optional(schema, options) as unknown as Type;
}
