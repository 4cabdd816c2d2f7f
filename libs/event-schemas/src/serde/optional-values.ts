import avro from 'avsc';
import type { Schema, Type } from 'avsc';

/**
 * avsc finds a union's branch by the name of the value's type, and reads its number as any; most of our unions are `["null", X]`.
 * This type replaces avsc's internal `_read` and `_write` of those, so a test asserts that it is really used.
 */
interface Tap {
  readonly buf: Buffer;
  pos: number;
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

/** avsc's `typeHook`: the type of a union of null and one other, null first; undefined of everything else. */
export function optionalValues(schema: Schema, options: object): Type | undefined {
  if (!Array.isArray(schema) || schema.length !== 2 || schema[0] !== 'null') return undefined;
  return new OptionalType(schema, options) as unknown as Type;
}
