import { makeRoom } from '@playhead/service-kit';

/** How much one key may do. */
export interface RateLimitOptions {
  /** Items a second in the long run. */
  readonly perSecond: number;
  /** Items at once after a rest. */
  readonly burst: number;
  /** Keys remembered; full, the one that came first is forgotten and starts anew. */
  readonly maxKeys: number;
}

/** A time that is earlier than the last one by no more than that is taken for the last one. */
const MAX_DISORDER_MS = 1000;

interface Bucket {
  /** Thousandths of an item, so that milliseconds × items a second adds up without fractions. */
  thousandths: number;
  at: number;
}

/** A token bucket for each key. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Takes `items` from the key's bucket, all or none. Returns 0 when taken, else the milliseconds until they would be there. */
  take(key: string, items: number, now: number): number {
    const { perSecond, burst } = this.#options;
    const bucket = this.#bucketOf(key, now);
    const elapsedMs = Math.max(0, now - bucket.at);
    bucket.thousandths = Math.min(burst * 1000, bucket.thousandths + elapsedMs * perSecond);
    // A clock that went back by more than requests overtake each other is believed, or the key could take nothing for as long.
    if (now > bucket.at || bucket.at - now > MAX_DISORDER_MS) bucket.at = now;
    // More at once than the bucket ever holds is let through when it is full, and paid for afterwards.
    const missing = Math.min(items, burst) * 1000 - bucket.thousandths;
    if (missing > 0) return Math.ceil(missing / perSecond);
    bucket.thousandths -= items * 1000;
    return 0;
  }

  get size(): number {
    return this.#buckets.size;
  }

  #bucketOf(key: string, now: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    makeRoom(this.#buckets, this.#options.maxKeys);
    const bucket = { thousandths: this.#options.burst * 1000, at: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
