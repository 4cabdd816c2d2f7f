import avro from 'avsc';
import type { Schema, Type } from 'avsc';

/**
 * avsc believes the count in front of an array or a map: five damaged bytes make it read four billion items out of
 * nothing. These types refuse a count beyond the bytes that are left. They replace avsc's internal `_read` and `_skip`,
 * so a test asserts that they are really used.
 */
interface Tap {
  readonly buf: Buffer;
  readonly pos: number;
  readLong(): number;
  readString(): string;
  skipLong(): void;
  skipString(): void;
}

interface ReadableType {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

type CollectionConstructor = new (
  schema: Schema,
  options: object,
) => {
  readonly itemsType: ReadableType;
  readonly valuesType: ReadableType;
};

const ArrayType = avro.types.ArrayType as unknown as CollectionConstructor;
const MapType = avro.types.MapType as unknown as CollectionConstructor;

class BoundedArray extends ArrayType {
  _read(tap: Tap): unknown[] {
    const items: unknown[] = [];
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) {
        items.push(this.itemsType._read(tap));
      }
    }
    return items;
  }

  _skip(tap: Tap): void {
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) {
        this.itemsType._skip(tap);
      }
    }
  }
}

class BoundedMap extends MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) {
        const key = tap.readString();
        values[key] = this.valuesType._read(tap);
      }
    }
    return values;
  }

  _skip(tap: Tap): void {
    for (let left = blockLength(tap); left > 0; left = blockLength(tap)) {
      for (; left > 0; left--) {
        tap.skipString();
        this.valuesType._skip(tap);
      }
    }
  }
}

/** avsc's `typeHook`: the bounded type of an array or a map, avsc's own of everything else. */
export function boundedCollections(schema: Schema, options: object): Type | undefined {
  const kind = typeof schema === 'object' && 'type' in schema ? schema.type : undefined;
  if (kind === 'array') {
    return new BoundedArray(schema, options) as unknown as Type;
  }
  return kind === 'map' ? (new BoundedMap(schema, options) as unknown as Type) : undefined;
}

function blockLength(tap: Tap): number {
  let length = tap.readLong();
  if (length < 0) {
    length = -length;
    tap.skipLong();
  }
  const leftBytes = tap.buf.length - tap.pos;
  // Nothing that an array or a map of ours holds is shorter than a byte.
  if (length > Math.max(0, leftBytes)) {
    throw new RangeError(`a collection says it has ${length} items; ${leftBytes} bytes are left`);
  }
  return length;
}
