import type { Verdict } from '@playhead/event-schemas';

/** A change of a stream's verdict, with its place in `playback.verdicts`. */
export interface VerdictChange {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly endedBy?: string;
  /** Time of the decision in the log. */
  readonly decidedAt: number;
  readonly partition: number;
  readonly offset: number;
}

/** Whose changes are wanted. */
export interface FeedScope {
  readonly tenant: string;
  readonly account: string;
  /** Of this session only. */
  readonly session?: string;
}

/** A place in the feed: all changes of an account have one partition. */
export interface FeedPlace {
  readonly partition: number;
  readonly offset: number;
}

/** Who listens. */
export interface FeedListener {
  change(change: VerdictChange): void;
  /** The gateway closes. */
  end(): void;
}

/** A subscription: what was missed since the place asked from, and how it ends. */
export interface FeedSubscription {
  readonly missed: readonly VerdictChange[];
  /** False: the feed does not reach back to that place, or has not come to it, so something may be missing. */
  readonly complete: boolean;
  close(): void;
}

interface Subscriber {
  readonly scope: FeedScope;
  readonly listener: FeedListener;
}

/** How much a feed keeps, and for how many. */
export interface VerdictFeedOptions {
  /** Changes that are kept for those who come back. */
  readonly maxKept: number;
  /** Who listens at a time, of all tenants, of one, and of one account. */
  readonly maxListeners: number;
  readonly maxListenersPerTenant: number;
  readonly maxListenersPerAccount: number;
}

/** Tells changes of verdicts to those who listen, and keeps the last of them for those who come back. */
export class VerdictFeed {
  readonly #kept: VerdictChange[] = [];
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #options: VerdictFeedOptions;
  /** By tenant: how many listen. */
  readonly #listening = new Map<string, number>();
  /** By partition: the offset of the first change that was dropped last. */
  readonly #droppedUpTo = new Map<number, number>();
  /** By partition: the offset of the last change. */
  readonly #newest = new Map<number, number>();
  #listeners = 0;

  constructor(options: VerdictFeedOptions) {
    this.#options = options;
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners;
  }

  /** Why nobody may listen to the account now: as many do as may, of all, of the tenant or of the account; undefined when one may. */
  fullFor(scope: FeedScope): 'all' | 'tenant' | 'account' | undefined {
    const { maxListeners, maxListenersPerTenant, maxListenersPerAccount } = this.#options;
    if (this.#listeners >= maxListeners) return 'all';
    if ((this.#listening.get(scope.tenant) ?? 0) >= maxListenersPerTenant) return 'tenant';
    return (this.#subscribers.get(keyOf(scope))?.size ?? 0) >= maxListenersPerAccount ? 'account' : undefined;
  }

  /** Tells a change; called in the order of its partition. */
  publish(change: VerdictChange): void {
    this.#kept.push(change);
    this.#newest.set(change.partition, change.offset);
    const { maxKept } = this.#options;
    if (this.#kept.length > 2 * maxKept) {
      for (const { partition, offset } of this.#kept.splice(0, maxKept)) this.#droppedUpTo.set(partition, offset);
    }
    for (const { scope, listener } of this.#subscribers.get(keyOf(change)) ?? []) {
      if (scope.session === undefined || scope.session === change.session) listener.change(change);
    }
  }

  /** Listens from `after` on, or from now; undefined when as many listen as may. */
  subscribe(scope: FeedScope, listener: FeedListener, after?: FeedPlace): FeedSubscription | undefined {
    const { tenant } = scope;
    if (this.fullFor(scope) !== undefined) return undefined;
    const subscriber = { scope, listener };
    const key = keyOf(scope);
    const group = this.#subscribers.get(key) ?? new Set();
    this.#subscribers.set(key, group.add(subscriber));
    this.#count(tenant, 1);
    return {
      missed: after === undefined ? [] : this.#since(scope, after),
      complete: after === undefined || this.#knows(after),
      close: () => {
        if (!group.delete(subscriber)) return;
        this.#count(tenant, -1);
        if (group.size === 0) this.#subscribers.delete(key);
      },
    };
  }

  /** Ends everybody's listening. */
  close(): void {
    for (const group of this.#subscribers.values()) for (const { listener } of group) listener.end();
  }

  #count(tenant: string, by: 1 | -1): void {
    this.#listeners += by;
    const left = (this.#listening.get(tenant) ?? 0) + by;
    if (left === 0) this.#listening.delete(tenant);
    else this.#listening.set(tenant, left);
  }

  #knows({ partition, offset }: FeedPlace): boolean {
    return (this.#droppedUpTo.get(partition) ?? -1) <= offset && offset <= (this.#newest.get(partition) ?? -1);
  }

  #since(scope: FeedScope, { partition, offset }: FeedPlace): readonly VerdictChange[] {
    return this.#kept.filter(
      (change) =>
        change.partition === partition &&
        change.offset > offset &&
        keyOf(change) === keyOf(scope) &&
        (scope.session === undefined || scope.session === change.session),
    );
  }
}

const keyOf = ({ tenant, account }: { readonly tenant: string; readonly account: string }): string =>
  `${tenant}/${account}`;
