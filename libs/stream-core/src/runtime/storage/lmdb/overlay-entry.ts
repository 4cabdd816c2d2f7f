import type { Codec } from '../../../serde/serde.ts';
import type { MapKey, StoreKeys } from '../../../state/store-keys.ts';
import type { Change, ChangeOwner, Changes } from './changes.ts';
import type { Cached, ReadCache } from './read-cache.ts';

/** What the overlays of one store share. */
export interface OverlayContext<K, V> {
  readonly keys: StoreKeys<K>;
  readonly value: Codec<V>;
  readonly changes: Changes;
  readonly cache: ReadCache;
  /** Told the bytes of every value before they are stored. */
  readonly see: (bytes: Uint8Array) => void;
  /** Of keys. */
  readonly seeKey: (bytes: Uint8Array) => void;
}

/** An entry as a range gives it. */
export interface PresentEntry<K, V> {
  readonly key: K;
  readonly value: V;
  readonly timestamp: number;
}

/** An entry and the bytes of its key as latin1. */
export interface OrderedEntry<K, V> {
  readonly order: string;
  readonly entry: OverlayEntry<K, V>;
}

/** Told about an entry by who asks for its place. */
export interface EntryOwner<K, V> {
  evict(entry: OverlayEntry<K, V>): void;
  committed(entry: OverlayEntry<K, V>, change: Change): void;
}

/** A row that has been read or written: the value as the object that it is. */
export class OverlayEntry<K, V> implements Cached, ChangeOwner {
  readonly overlay: EntryOwner<K, V>;
  readonly mapKey: MapKey;
  readonly key: K;
  /** Null: deleted, and not yet on disk. */
  value: V | null;
  timestamp: number;
  /** It was restored and nobody has asked for it: its value is in its change, as bytes. */
  isEncoded = false;
  /** The last change that is not committed. */
  change: Change | undefined;
  bytes = 0;
  used = false;
  queued = false;
  next: Cached | undefined;

  constructor(overlay: EntryOwner<K, V>, mapKey: MapKey, key: K, value: V | null, timestamp: number) {
    this.overlay = overlay;
    this.mapKey = mapKey;
    this.key = key;
    this.value = value;
    this.timestamp = timestamp;
  }

  get isEvictable(): boolean {
    return this.change === undefined;
  }

  evict(): void {
    this.overlay.evict(this);
  }

  committed(change: Change): void {
    this.overlay.committed(this, change);
  }
}
