import type { Codec } from '../../../serde/serde.ts';
import { untilReady } from '../until-ready.ts';

/** Formats of one store; a schema's versions, so a handful. What comes later is looked at each time. */
const MAX_FORMATS = 256;

/**
 * The formats (writer's schemas) that occur in a store's rows, with a sample of each. Rows are read in the middle of a record, where nothing can be waited for: so a codec that has to load a
 * format does so when the task comes and when a row of it is restored.
 */
export class Formats {
  readonly #codec: Codec<unknown>;
  readonly #samples = new Map<number, string>();

  constructor(codec: Codec<unknown>) {
    this.#codec = codec;
  }

  /** False: a codec that loads formats and does not tell which one bytes have cannot be read in the middle of a record. */
  static canTell(codec: Codec<unknown>): boolean {
    return codec.formatOf !== undefined || codec.ready === undefined;
  }

  /** Bytes that are about to be stored. Throws as `deserialize` for a format that is new. */
  see(bytes: Uint8Array): void {
    const format = this.#codec.formatOf?.(bytes);
    if (format === undefined || this.#samples.has(format)) return;
    this.#codec.deserialize(bytes);
    if (this.#samples.size >= MAX_FORMATS) return;
    this.#samples.set(format, Buffer.from(bytes).toString('base64'));
  }

  /** The samples, in text. */
  encode(): readonly string[] {
    return [...this.#samples.values()];
  }

  /** Loads the formats of stored rows. Resolves when each can be read, or never can. */
  async load(samples: readonly string[]): Promise<void> {
    for (const sample of samples) {
      const bytes = Buffer.from(sample, 'base64');
      await untilReady(() => this.see(bytes));
    }
  }
}
