import { join } from 'node:path';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';

const FILE = 'producer-ids.json';
const BLOCK = 1000;

/** Hands out producer ids, each once in the life of a data directory: a block is reserved on disk before its first id is used. */
export class ProducerIds {
  readonly #path: string;
  readonly #durable: boolean;
  #next: number;
  #reservedBelow: number;

  constructor(dataDir: string, durable: boolean) {
    this.#path = join(dataDir, FILE);
    this.#durable = durable;
    const bytes = readFileIfThere(this.#path);
    const reserved =
      bytes === null ? 0 : (JSON.parse(bytes.toString()) as { readonly reservedBelow: number }).reservedBelow;
    this.#next = reserved;
    this.#reservedBelow = reserved;
  }

  /** Throws what the file system throws when a block cannot be reserved. */
  next(): number {
    if (this.#next === this.#reservedBelow) {
      writeFileAtomically(this.#path, JSON.stringify({ reservedBelow: this.#reservedBelow + BLOCK }), {
        durable: this.#durable,
      });
      this.#reservedBelow += BLOCK;
    }
    return this.#next++;
  }
}
