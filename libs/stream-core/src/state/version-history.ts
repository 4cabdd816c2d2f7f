/** What a key's value was from `timestamp` on; null: it had none. */
export interface Version<V> {
  readonly timestamp: number;
  readonly value: V | null;
}

/** The versions of one key by time; there is always one. */
export class VersionHistory<K, V> {
  readonly key: K;
  #versions: Version<V>[];

  constructor(key: K, value: V | null, timestamp: number) {
    this.key = key;
    this.#versions = [{ timestamp, value }];
  }

  /** Oldest first. */
  get versions(): readonly Version<V>[] {
    return this.#versions;
  }

  get latest(): Version<V> {
    return this.#versions[this.#versions.length - 1] as Version<V>;
  }

  /** The version that was valid at `timestamp`; undefined: it is before the first. */
  at(timestamp: number): Version<V> | undefined {
    return this.#versions[this.#indexAt(timestamp)];
  }

  /** Files a version in its place; replaces one of the same time. */
  file(value: V | null, timestamp: number): void {
    const index = this.#indexAt(timestamp);
    const isReplaced = this.#versions[index]?.timestamp === timestamp;
    this.#versions.splice(isReplaced ? index : index + 1, isReplaced ? 1 : 0, { timestamp, value });
  }

  /** Forgets the versions that were no longer valid at `timestamp`. */
  forgetBefore(timestamp: number): void {
    const index = this.#indexAt(timestamp);
    if (index > 0) this.#versions = this.#versions.slice(index);
  }

  /** Index of the last version at or before `timestamp`; -1: there is none. New versions come last, so they are looked at first. */
  #indexAt(timestamp: number): number {
    let index = this.#versions.length - 1;
    while (index >= 0 && (this.#versions[index] as Version<V>).timestamp > timestamp) index--;
    return index;
  }
}
