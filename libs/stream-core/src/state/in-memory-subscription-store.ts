import { SerdeError } from '../errors.ts';
import { Scratch } from '../internal/scratch.ts';
import type { Codec, Serde } from '../serde/serde.ts';
import { encode } from '../serde/serde.ts';
import { refuseNotOpen } from './refuse-not-open.ts';
import type { StoreBuilder } from './store-builder.ts';
import type { StoreContext } from './state-store.ts';
import { StoreKeys, compareOrder } from './store-keys.ts';
import type { MapKey } from './store-keys.ts';
import type { StoredSubscription, SubscriptionStore } from './subscription-store.ts';

/** Keys of both sides. */
interface KeyPair {
  readonly foreignKey: unknown;
  readonly primaryKey: unknown;
}

interface Entry<S> extends StoredSubscription<S> {
  readonly order: string;
}

/** The subscribers of one row; their order is made when it is first asked for after a change. */
class Subscribers<S> {
  readonly byPrimaryKey = new Map<string, Entry<S>>();
  #sorted: Entry<S>[] | undefined;

  changed(): void {
    this.#sorted = undefined;
  }

  get sorted(): readonly Entry<S>[] {
    return (this.#sorted ??= [...this.byPrimaryKey.values()].sort(compareOrder));
  }
}

const LENGTH_BYTES = 4;

/** The changelog keys as Kafka Streams writes them: length of the foreign key(4) ‖ foreign key ‖ primary key. */
class KeyPairCodec implements Codec<KeyPair> {
  readonly foreignKey: Codec<unknown>;
  readonly primaryKey: Codec<unknown>;
  readonly ready: Promise<void>;
  readonly #scratch = new Scratch();

  constructor(foreignKey: Codec<unknown>, primaryKey: Codec<unknown>) {
    this.foreignKey = foreignKey;
    this.primaryKey = primaryKey;
    this.ready = Promise.all([foreignKey.ready, primaryKey.ready]).then(() => {});
  }

  serialize({ foreignKey, primaryKey }: KeyPair): Uint8Array {
    return Uint8Array.from(this.write(foreignKey, primaryKey));
  }

  /** Valid until the next call. */
  write(foreignKey: unknown, primaryKey: unknown): Uint8Array {
    // Copied before the other key is encoded: both may come from the same codec.
    const foreign = Uint8Array.from(encode(this.foreignKey, foreignKey));
    const primary = encode(this.primaryKey, primaryKey);
    const length = LENGTH_BYTES + foreign.length + primary.length;
    const bytes = this.#scratch.reserve(length);
    bytes.writeInt32BE(foreign.length, 0);
    bytes.set(foreign, LENGTH_BYTES);
    bytes.set(primary, LENGTH_BYTES + foreign.length);
    return this.#scratch.view(length);
  }

  deserialize(bytes: Uint8Array): KeyPair {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = buffer.length < LENGTH_BYTES ? Infinity : LENGTH_BYTES + buffer.readInt32BE(0);
    if (end > buffer.length) {
      throw new SerdeError(`a subscription's key of ${buffer.length} bytes is shorter than the foreign key in it`);
    }
    return {
      foreignKey: this.foreignKey.deserialize(buffer.subarray(LENGTH_BYTES, end)),
      primaryKey: this.primaryKey.deserialize(buffer.subarray(end)),
    };
  }
}

/** Subscriptions in memory: a Map per foreign key. */
class InMemorySubscriptionStore<S> implements SubscriptionStore<S> {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = false;
  readonly #keys: KeyPairCodec;
  readonly #foreignKeys: StoreKeys<unknown>;
  readonly #primaryKeys: StoreKeys<unknown>;
  readonly #value: Codec<S>;
  readonly #rows = new Map<MapKey, Subscribers<S>>();
  #context: StoreContext | undefined;

  constructor(name: string, keys: KeyPairCodec, value: Codec<S>) {
    this.name = name;
    this.#keys = keys;
    this.#foreignKeys = new StoreKeys(keys.foreignKey);
    this.#primaryKeys = new StoreKeys(keys.primaryKey);
    this.#value = value;
  }

  get approximateEntries(): number {
    let entries = 0;
    for (const { byPrimaryKey } of this.#rows.values()) entries += byPrimaryKey.size;
    return entries;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  put(foreignKey: unknown, primaryKey: unknown, subscription: S | null, timestamp: number): void {
    if (this.#context === undefined) refuseNotOpen(this.name);
    this.#set(foreignKey, primaryKey, subscription, timestamp);
    const { changelog, record } = this.#context;
    if (changelog === undefined) return;
    const bytes = subscription === null ? null : encode(this.#value, subscription);
    changelog.log(this.#keys.write(foreignKey, primaryKey), bytes, timestamp, record.headers);
  }

  subscribers(foreignKey: unknown): readonly StoredSubscription<S>[] {
    return this.#rows.get(this.#foreignKeys.mapKey(foreignKey))?.sorted ?? [];
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const { foreignKey, primaryKey } = this.#keys.deserialize(key);
    this.#set(foreignKey, primaryKey, value === null ? null : this.#value.deserialize(value), timestamp);
  }

  flush(): void {}

  close(): void {
    this.#rows.clear();
  }

  #set(foreignKey: unknown, primaryKey: unknown, subscription: S | null, timestamp: number): void {
    const mapKey = this.#foreignKeys.mapKey(foreignKey);
    const order = this.#primaryKeys.order(primaryKey);
    let row = this.#rows.get(mapKey);
    if (subscription === null) {
      if (row?.byPrimaryKey.delete(order) !== true) return;
      row.changed();
      if (row.byPrimaryKey.size === 0) this.#rows.delete(mapKey);
      return;
    }
    if (row === undefined) this.#rows.set(mapKey, (row = new Subscribers()));
    row.byPrimaryKey.set(order, { order, subscription, timestamp });
    row.changed();
  }
}

/** The store of a foreign-key join's subscriptions. */
export function subscriptionStore<S>(
  name: string,
  serdes: { foreignKey: Serde<unknown>; primaryKey: Serde<unknown>; subscription: Serde<S> },
): StoreBuilder<SubscriptionStore<S>> {
  const { foreignKey, primaryKey, subscription } = serdes;
  const keySerde: Serde<KeyPair> = {
    open: (context) => new KeyPairCodec(foreignKey.open(context), primaryKey.open(context)),
  };
  return {
    name,
    kind: 'internal',
    keySerde,
    valueSerde: subscription,
    loggingEnabled: true,
    logConfig: { 'cleanup.policy': 'compact' },
    build: ({ key, value }) => new InMemorySubscriptionStore(name, key as KeyPairCodec, value as Codec<S>),
  };
}
