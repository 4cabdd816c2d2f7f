import { SerdeError } from '@playhead/stream-core';
import type { SchemaSource } from '@playhead/stream-core';

/** Schemas in memory, for the topology test driver and for tests: gives every text an id, from 1 on. */
export class InMemorySchemas implements SchemaSource {
  readonly #texts: string[] = [];
  /** What was asked, in order: `idOf <subject>`, `schemaOf <id>`. */
  readonly requests: string[] = [];

  async idOf(subject: string, schema: string): Promise<number> {
    this.requests.push(`idOf ${subject}`);
    const known = this.#texts.indexOf(schema);
    return known >= 0 ? known + 1 : this.#texts.push(schema);
  }

  async schemaOf(id: number): Promise<string> {
    this.requests.push(`schemaOf ${id}`);
    const text = this.#texts[id - 1];
    if (text === undefined) {
      throw new SerdeError(`schema ${id} is not known; known are 1 to ${this.#texts.length}`);
    }
    return text;
  }
}
