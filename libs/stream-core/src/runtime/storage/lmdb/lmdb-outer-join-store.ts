import { deepFreeze } from '../../../internal/deep-freeze.ts';
import { encode, type Codec } from '../../../serde/serde.ts';
import { UnmatchedKeys, type SidedValues, type UnmatchedPlace } from '../../../state/outer-join-forms.ts';
import type { OuterJoinStore, UnmatchedRecords } from '../../../state/outer-join-store.ts';
import { refuseNotOpen } from '../../../state/refuse-not-open.ts';
import type { StoreContext } from '../../../state/state-store.ts';
import { StoreKeys } from '../../../state/store-keys.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbStoreOptions } from './lmdb-key-value-store.ts';
import type { LmdbPart } from './lmdb-part.ts';
import { Overlay } from './overlay.ts';
import { StoreParts } from './store-parts.ts';

const NO_PREFIX = Buffer.alloc(0);

/** Rows timestamp(8) ‖ side(1) ‖ key → timestamp(8) ‖ values: those that are to be answered next come first. */
export class LmdbOuterJoinStore<K> implements OuterJoinStore<K, unknown>, LmdbPart {
  readonly name: string;
  readonly kind = 'internal';
  readonly persistent = true;
  readonly #keys: UnmatchedKeys<K>;
  readonly #valueCodec: Codec<SidedValues>;
  readonly #parts: StoreParts;
  readonly #unmatched: Overlay<UnmatchedPlace<K>, SidedValues>;
  #context: StoreContext | undefined;

  constructor({ name, key, value, cache }: LmdbStoreOptions<K, SidedValues>) {
    this.name = name;
    this.#keys = new UnmatchedKeys(key);
    this.#valueCodec = value;
    this.#parts = new StoreParts(name, this.#keys, value);
    const context = this.#parts.overlayContext(new StoreKeys(this.#keys), value, cache);
    this.#unmatched = new Overlay(context, NO_PREFIX, undefined, { isRangedOver: true });
  }

  /** Looks up what is not committed. */
  get approximateEntries(): number {
    return (this.#unmatched.table?.size ?? 0) + this.#unmatched.addedEntries;
  }

  get uncommittedBytes(): number {
    return this.#parts.changes.bytes;
  }

  init(context: StoreContext): void {
    this.#context = context;
  }

  add(key: K, value: unknown, timestamp: number, isLeft: boolean): void {
    const context = this.#requireContext();
    if (context.freezeValues) deepFreeze(value);
    const place = { key, timestamp, isLeft };
    const found = this.#unmatched.find(place);
    const values = { isLeft, values: [...(found?.value?.values ?? []), value] };
    const bytes = encode(this.#valueCodec, values);
    const keyBytes = this.#keys.serialize(place);
    this.#unmatched.put(found, place, values, timestamp, keyBytes, bytes);
    context.changelog?.log(keyBytes, bytes, timestamp);
  }

  remove(key: K, timestamp: number, isLeft: boolean, recordTimestamp: number): void {
    const context = this.#requireContext();
    const place = { key, timestamp, isLeft };
    const found = this.#unmatched.find(place);
    if (found === undefined || found.value === null) return;
    const keyBytes = this.#keys.serialize(place);
    this.#unmatched.put(found, place, null, timestamp, keyBytes, null);
    context.changelog?.log(keyBytes, null, recordTimestamp);
  }

  *entries(): Generator<UnmatchedRecords<K, unknown>> {
    for (const { key: place, value } of this.#unmatched.range(undefined, undefined, false))
      yield { ...place, values: value.values };
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#unmatched.restore(key, value, timestamp);
  }

  flush(): void {}

  close(): void {}

  open(environment: LmdbEnvironment): Promise<void> {
    this.#unmatched.open(environment.table(this.name));
    return this.#parts.load(this.#parts.readMeta(environment));
  }

  seal(): void {
    this.#parts.seal();
  }

  write(environment: LmdbEnvironment): void {
    this.#parts.write(environment);
  }

  committed(): void {
    this.#parts.committed();
  }

  reset(): void {
    this.#unmatched.clear();
    this.#unmatched.table = undefined;
    this.#parts.reset();
  }

  #requireContext(): StoreContext {
    if (this.#context === undefined || this.#unmatched.table === undefined) refuseNotOpen(this.name);
    return this.#context;
  }
}
