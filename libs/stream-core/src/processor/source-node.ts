import type { Codec } from '../serde/serde.ts';
import { ProcessorNode } from './processor-node.ts';

/** Reads bytes into a key and a value. Null stays null. */
export function decodePart<T>(codec: Codec<T>, bytes: Buffer, start: number, end: number): T | null {
  if (start < 0) return null;
  if (codec.deserializeAt !== undefined) return codec.deserializeAt(bytes, start, end);
  return codec.deserialize(bytes.subarray(start, end));
}

/** Where records enter a task's graph. */
export class SourceNode extends ProcessorNode {
  override process(key: unknown, value: unknown, timestamp: number): void {
    this.forward(key, value, timestamp);
  }
}
