import { readInt64, writeInt64 } from '../../../internal/int64.ts';
import type { Codec } from '../../../serde/serde.ts';
import { compareOrder, StoreKeys } from '../../../state/store-keys.ts';
import type { Changes } from './changes.ts';
import type { LmdbEnvironment } from './lmdb-environment.ts';
import type { OverlayContext } from './overlay-entry.ts';
import { Overlay } from './overlay.ts';
import type { ReadCache } from './read-cache.ts';
import { Segments } from './segments.ts';
import type { StoreMeta } from './store-parts.ts';
import type { TimedPlace } from './timed-overlay.ts';

const TIME_BYTES = 8;
const NO_PREFIX = Buffer.alloc(0);
const NO_BYTES = Buffer.alloc(0);

/** end(8) ‖ key ‖ start(8): by end, and nearly by key. */
const placeCodec: Codec<TimedPlace> = {
  serialize({ order, timeMs, tie }) {
    const bytes = Buffer.allocUnsafe(TIME_BYTES + order.length + TIME_BYTES);
    writeInt64(bytes, 0, timeMs);
    bytes.write(order, TIME_BYTES, 'latin1');
    writeInt64(bytes, bytes.length - TIME_BYTES, tie);
    return bytes;
  },
  deserialize(bytes) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = buffer.length - TIME_BYTES;
    return {
      order: buffer.toString('latin1', TIME_BYTES, end),
      timeMs: readInt64(buffer, 0),
      tie: readInt64(buffer, end),
    };
  },
};
const nothingCodec: Codec<true> = { serialize: () => NO_BYTES, deserialize: () => true };

/** Where the sessions of a store are by their ends: for one that is asked with every record which of them have ended. In tables that expire as those of the sessions do. */
export class SessionEnds {
  readonly #context: OverlayContext<TimedPlace, true>;
  readonly #segments: Segments;
  readonly #overlays = new Map<number, Overlay<TimedPlace, true>>();

  constructor(name: string, retentionMs: number, changes: Changes, cache: ReadCache) {
    const see = (): void => undefined;
    this.#context = { keys: new StoreKeys(placeCodec), value: nothingCodec, changes, cache, see, seeKey: see };
    this.#segments = new Segments(`${name}/ends`, retentionMs);
  }

  /** `ids`: as the sessions' segments. */
  open(environment: LmdbEnvironment, ids: StoreMeta['ids']): void {
    this.#segments.open(environment, ids ?? []);
    for (const { id, table } of this.#segments.inOrder()) this.#overlayOf(id).open(table);
  }

  reset(): void {
    this.#segments.reset();
    this.#overlays.clear();
  }

  put(place: TimedPlace): void {
    const overlay = this.#toWrite(place);
    overlay.put('unknown', place, true, 0, placeCodec.serialize(place), NO_BYTES);
  }

  remove(place: TimedPlace): void {
    this.#toWrite(place).put('unknown', place, null, 0, placeCodec.serialize(place), null);
  }

  /** Those that end within the bounds (inclusive). */
  *within(fromMs: number, toMs: number, reverse: boolean): Generator<TimedPlace> {
    const low = timeBytes(Math.max(fromMs, 0));
    // Every place of an end is before the one of the next end.
    const high = toMs === Infinity ? undefined : timeBytes(toMs + 1);
    const segments = this.#segments.within(fromMs, toMs);
    if (reverse) segments.reverse();
    // On disk a key that begins with another's bytes may come before it.
    let sameEnd: TimedPlace[] = [];
    for (const id of segments) {
      for (const { key: place } of this.#overlays.get(id)?.range(low, high, reverse) ?? []) {
        if (place.timeMs < fromMs || place.timeMs > toMs) continue;
        if (sameEnd.length > 0 && sameEnd[0]?.timeMs !== place.timeMs) {
          yield* inOrder(sameEnd, reverse);
          sameEnd = [];
        }
        sameEnd.push(place);
      }
    }
    yield* inOrder(sameEnd, reverse);
  }

  #toWrite({ timeMs }: TimedPlace): Overlay<TimedPlace, true> {
    const id = this.#segments.idOf(timeMs);
    const isNew = !this.#segments.has(id);
    const table = this.#segments.tableOf(id, (expired) => this.#context.changes.clear(expired));
    if (isNew) for (const old of this.#overlays.keys()) if (!this.#segments.has(old)) this.#overlays.delete(old);
    const overlay = this.#overlayOf(id, isNew);
    overlay.table = table;
    return overlay;
  }

  #overlayOf(id: number, isNew = false): Overlay<TimedPlace, true> {
    let overlay = this.#overlays.get(id);
    if (overlay === undefined) {
      overlay = new Overlay(this.#context, NO_PREFIX, undefined, { isNew, isRangedOver: true });
      this.#overlays.set(id, overlay);
    }
    return overlay;
  }
}

/** Sorts them. */
export function inOrder(places: TimedPlace[], reverse: boolean): TimedPlace[] {
  places.sort((a, b) => a.timeMs - b.timeMs || compareOrder(a, b) || a.tie - b.tie);
  return reverse ? places.reverse() : places;
}

function timeBytes(timeMs: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES);
  writeInt64(bytes, 0, timeMs);
  return bytes;
}
