import type { TaskContext } from '../../processor/task-context.ts';
import type { Windowed } from '../../serde/windowed.ts';
import type { KeyValueStore } from '../../state/key-value-store.ts';
import type { SessionStore } from '../../state/session-store.ts';
import type { VersionedKeyValueStore } from '../../state/versioned-key-value-store.ts';
import type { WindowStore } from '../../state/window-store.ts';
import type { TableGetter, TableView } from '../table-handle.ts';

class KeyValueGetter implements TableGetter {
  readonly #storeName: string;
  #store!: KeyValueStore<unknown, unknown>;

  constructor(storeName: string) {
    this.#storeName = storeName;
  }

  get foundTimestamp(): number {
    return this.#store.foundTimestamp;
  }

  init(context: TaskContext): void {
    this.#store = context.store(this.#storeName) as KeyValueStore<unknown, unknown>;
  }

  get(key: unknown): unknown {
    return this.#store.get(key);
  }
}

class WindowGetter implements TableGetter {
  readonly #storeName: string;
  #store!: WindowStore<unknown, unknown>;

  constructor(storeName: string) {
    this.#storeName = storeName;
  }

  get foundTimestamp(): number {
    return this.#store.foundTimestamp;
  }

  init(context: TaskContext): void {
    this.#store = context.store(this.#storeName) as WindowStore<unknown, unknown>;
  }

  get(key: unknown): unknown {
    const windowed = key as Windowed<unknown>;
    return this.#store.fetch(windowed.key, windowed.startMs);
  }
}

class SessionGetter implements TableGetter {
  foundTimestamp = -1;
  readonly #storeName: string;
  #store!: SessionStore<unknown, unknown>;

  constructor(storeName: string) {
    this.#storeName = storeName;
  }

  init(context: TaskContext): void {
    this.#store = context.store(this.#storeName) as SessionStore<unknown, unknown>;
  }

  get(key: unknown): unknown {
    const windowed = key as Windowed<unknown>;
    this.foundTimestamp = windowed.endMs;
    return this.#store.fetchSession(windowed.key, windowed.startMs, windowed.endMs);
  }
}

class VersionedGetter extends KeyValueGetter {
  readonly #name: string;
  #versions!: VersionedKeyValueStore<unknown, unknown>;

  constructor(storeName: string) {
    super(storeName);
    this.#name = storeName;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#versions = context.store(this.#name) as VersionedKeyValueStore<unknown, unknown>;
  }

  getAsOf(key: unknown, timestamp: number): unknown {
    return this.#versions.getAsOf(key, timestamp);
  }
}

/** The view of a table that is kept in a key-value store, versioned or not. */
export const keyValueView = (storeName: string, isVersioned = false): TableView => ({
  storeNames: [storeName],
  getter: () => (isVersioned ? new VersionedGetter(storeName) : new KeyValueGetter(storeName)),
});

/** The view of a table of time windows. */
export const windowView = (storeName: string): TableView => ({
  storeNames: [storeName],
  getter: () => new WindowGetter(storeName),
});

/** The view of a table of sessions: a session's timestamp is its end. */
export const sessionView = (storeName: string): TableView => ({
  storeNames: [storeName],
  getter: () => new SessionGetter(storeName),
});
