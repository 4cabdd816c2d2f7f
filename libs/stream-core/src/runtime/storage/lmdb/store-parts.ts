import type { Codec } from '../../../serde/serde.ts';
import type { StoreKeys } from '../../../state/store-keys.ts';
import { Changes } from './changes.ts';
import { Formats } from './formats.ts';
import type { OverlayContext } from './overlay-entry.ts';
import type { ReadCache } from './read-cache.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';

/** What the meta row of a store has. */
export interface StoreMeta {
  /** Samples of the formats of keys and values: see `Formats`. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** Of stores that keep times. */
  readonly observedMs?: number | undefined;
  readonly ids?: readonly (number | null)[] | undefined;
  /** Of session stores: it has the order of their ends. */
  readonly hasEnds?: boolean | undefined;
  /** Of join stores: of the record put last. */
  readonly sequence?: number | undefined;
}

/** Changes and formats of a store that is read through: what all kinds have in common. */
export class StoreParts {
  readonly changes = new Changes();
  readonly #name: string;
  readonly #keys: Formats;
  readonly #values: Formats;
  #sealed: StoreMeta = { keys: [], values: [] };
  #writing: string | undefined;
  #written: string | undefined;

  constructor(name: string, key: Codec<unknown>, value: Codec<unknown>) {
    this.#name = `store/${name}`;
    this.#keys = new Formats(key);
    this.#values = new Formats(value);
  }

  overlayContext<K, V>(keys: StoreKeys<K>, value: Codec<V>, cache: ReadCache): OverlayContext<K, V> {
    return {
      keys,
      value,
      cache,
      changes: this.changes,
      see: (bytes) => this.#values.see(bytes),
      seeKey: (bytes) => this.#keys.see(bytes),
    };
  }

  /** The meta row; undefined for a new store. */
  readMeta(environment: LmdbEnvironment): StoreMeta | undefined {
    const text = environment.meta(this.#name);
    this.#written = text;
    return text === undefined ? undefined : (JSON.parse(text) as StoreMeta);
  }

  /** Resolves when everything that is stored can be read. */
  async load(meta: StoreMeta | undefined): Promise<void> {
    await this.#keys.load(meta?.keys ?? []);
    await this.#values.load(meta?.values ?? []);
  }

  /** `times`: of a store that keeps them, as of now. */
  seal(times?: Omit<StoreMeta, 'keys' | 'values'>): void {
    this.changes.seal();
    this.#sealed = { keys: this.#keys.encode(), values: this.#values.encode(), ...times };
  }

  /** Inside a transaction: the sealed changes, and the meta row if it is another one. */
  write(environment: LmdbEnvironment): void {
    this.changes.write();
    const text = JSON.stringify(this.#sealed);
    if (text === this.#written) return;
    environment.putMeta(this.#name, text);
    this.#writing = text;
  }

  committed(): void {
    this.changes.committed();
    this.#written = this.#writing ?? this.#written;
  }

  reset(): void {
    this.changes.forget();
    this.#written = this.#writing = undefined;
  }
}
