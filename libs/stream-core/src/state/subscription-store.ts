import type { StateStore } from './state-store.ts';

/** A subscription of a foreign-key join, with the timestamp of the row that made it. */
export interface StoredSubscription<S> {
  readonly subscription: S;
  readonly timestamp: number;
}

/** Who subscribes to a row of the right table of a foreign-key join. */
export interface SubscriptionStore<S> extends StateStore {
  readonly kind: 'internal';
  /** Null deletes. */
  put(foreignKey: unknown, primaryKey: unknown, subscription: S | null, timestamp: number): void;
  /** By the byte order of the primary keys. Valid until the next `put`. */
  subscribers(foreignKey: unknown): readonly StoredSubscription<S>[];
}
