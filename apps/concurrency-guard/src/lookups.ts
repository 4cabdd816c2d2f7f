import { MAX_ENTRIES_PER_PAGE } from '@playhead/event-schemas';
import type { AccountRef, ConcurrencyGuard } from '@playhead/event-schemas';
import type { KafkaStreams } from '@playhead/stream-core';
import { admissionDecision, explanation, history, ruleView } from './decision-view.ts';
import type { ConflictDetails } from './decision-view.ts';
import { findSessions } from './find-sessions.ts';
import { limitOfAccount } from './guard-state.ts';
import type { DefaultPlan } from './guard-state.ts';
import type { PolicyBook } from './policies/policy-book.ts';
import { slotsHeld, usageOf } from './policies/usage.ts';
import { isLive } from './session-state.ts';
import { sessionView, streamViews } from './session-view.ts';
import { StoreReader } from './store-reader.ts';
import { isEntitled } from './stored-account.ts';
import type { StoredDecision } from './stored-session.ts';
import { countedStream } from './stream-facts.ts';
import { tryStart } from './try-start.ts';

type Request<Q extends keyof ConcurrencyGuard> = Parameters<ConcurrencyGuard[Q]>[0];
type Answer<Q extends keyof ConcurrencyGuard> = ReturnType<ConcurrencyGuard[Q]>;

/** The start that was asked about is in the log and was processed, but no decision came of it: it went to the dead letters. */
export class UndecidedStartError extends Error {
  readonly code = 'GUARD_UNDECIDED_START';

  constructor(session: string) {
    super(`the start of session ${session} was processed and left no decision`);
    this.name = 'UndecidedStartError';
  }
}

/** What lookups answer from. */
export interface LookupSources {
  readonly streams: Pick<KafkaStreams, 'query'>;
  readonly book: PolicyBook;
  readonly defaultPlan: DefaultPlan;
  /** The wall clock. */
  readonly now: () => number;
}

/** The guard's answers from its stores, wherever their owner is, and from this instance's policies. */
export class Lookups implements ConcurrencyGuard {
  readonly #stores: StoreReader;
  readonly #book: PolicyBook;
  readonly #defaultPlan: DefaultPlan;
  readonly #now: () => number;

  constructor({ streams, book, defaultPlan, now }: LookupSources) {
    this.#stores = new StoreReader(streams);
    this.#book = book;
    this.#defaultPlan = defaultPlan;
    this.#now = now;
  }

  async decide({ position, timeoutMs, ...request }: Request<'decide'>): Answer<'decide'> {
    const state = await this.#stores.ownedSession(request, { bound: position, acknowledged: true, timeoutMs });
    if (state?.start === undefined || state.start === null) {
      throw new UndecidedStartError(request.session);
    }
    return admissionDecision(state.start, await this.#detailsOf(state.start, request, timeoutMs));
  }

  async explain({ timeoutMs, ...request }: Request<'explain'>): Answer<'explain'> {
    const { value: state, ...stale } = await this.#stores.session(request, timeoutMs);
    const decision = state?.start ?? state?.reopening;
    if (decision === undefined || decision === null) return undefined;
    return { ...explanation(decision, await this.#detailsOf(decision, request, timeoutMs)), ...stale };
  }

  async dryRun({ start, ...request }: Request<'dryRun'>): Answer<'dryRun'> {
    const { value: known, ...stale } = await this.#stores.whole(request);
    const limit = limitOfAccount(known.account, this.#defaultPlan);
    const trial = tryStart(request, start, { ...known, limit, book: this.#book, nowMs: this.#now() });
    return { ...explanation(trial, await this.#detailsOf(trial, request, request.timeoutMs)), ...stale };
  }

  async session({ timeoutMs, position, ...request }: Request<'session'>): Answer<'session'> {
    if (position !== undefined) {
      const state = await this.#stores.ownedSession(request, { bound: position, timeoutMs });
      return state === undefined ? undefined : sessionView(state, this.#now());
    }
    const { value, ...stale } = await this.#stores.session(request, timeoutMs);
    return value === undefined ? undefined : { ...sessionView(value, this.#now()), ...stale };
  }

  async sessions({ tenant, sessions, timeoutMs }: Request<'sessions'>): Answer<'sessions'> {
    const readings = await Promise.all(
      sessions.map((session) => this.#stores.session({ tenant, ...session }, timeoutMs)),
    );
    return readings.map(({ value, ...stale }) =>
      value === undefined ? null : { ...sessionView(value, this.#now()), ...stale },
    );
  }

  async streams(request: Request<'streams'>): Answer<'streams'> {
    const { value, ...stale } = await this.#stores.whole(request);
    return { streams: streamViews(value.sessions, this.#now()).map((stream) => ({ ...stream, ...stale })), ...stale };
  }

  async usage(request: Request<'usage'>): Answer<'usage'> {
    const { value, ...stale } = await this.#stores.whole(request);
    const { account, sessions } = value;
    const nowMs = this.#now();
    const { plan, maxStreams } = limitOfAccount(account, this.#defaultPlan);
    const policies = this.#book.active(request.tenant);
    const live = sessions.filter((state) => isLive(state, nowMs)).map((state) => countedStream(state, plan));
    const allowances = { plan, maxStreams, tokenMaxStreams: null };
    const shadow = this.#book.settings(request.tenant)?.enforcement === 'SHADOW';
    const asked = { allowances, kept: account.kept, nowMs, shadow };
    const rules = usageOf(policies, live, asked).map(ruleView);
    return { plan, streams: slotsHeld(live, policies), rules, ...stale };
  }

  async history({ limit = MAX_ENTRIES_PER_PAGE, ...request }: Request<'history'>): Answer<'history'> {
    const { value, ...stale } = await this.#stores.whole(request);
    return { entries: history(value.sessions, this.#now(), Math.min(limit, MAX_ENTRIES_PER_PAGE)), ...stale };
  }

  async find({ limit = MAX_ENTRIES_PER_PAGE, ...search }: Request<'find'>): Answer<'find'> {
    return findSessions(this.#stores, { ...search, limit: Math.min(limit, MAX_ENTRIES_PER_PAGE) }, this.#now());
  }

  /** Its owner answers: what was set a moment ago is not to be told as if it had not been. */
  async entitlement({ timeoutMs, ...request }: Request<'entitlement'>): Answer<'entitlement'> {
    const account = await this.#stores.ownedAccount(request, { timeoutMs });
    const { entitledAt, entitledBy } = account;
    return {
      ...limitOfAccount(account, this.#defaultPlan),
      isOwn: isEntitled(account),
      ...(entitledAt === null ? {} : { updatedAt: entitledAt }),
      ...(entitledBy === null ? {} : { updatedBy: entitledBy }),
    };
  }

  async entitlementApplied({ position, timeoutMs, ...request }: Request<'entitlementApplied'>): Promise<void> {
    await this.#stores.ownedAccount(request, { bound: position, acknowledged: true, timeoutMs });
  }

  policyApplied(request: Request<'policyApplied'>): Promise<void> {
    return this.#book.applied(request);
  }

  async policies({ tenant }: Request<'policies'>): Answer<'policies'> {
    return this.#book.stored(tenant);
  }

  /** Says more of the streams in the way, when there are any. */
  async #detailsOf({ conflicts }: StoredDecision, whose: AccountRef, timeoutMs: number): Promise<ConflictDetails> {
    const names = conflicts.map(({ session }) => session);
    const { value: states } = await this.#stores.sessions(whose, names, timeoutMs);
    return {
      sessionOf: (session) => states.find((state) => state.session === session),
      showTitles: this.#book.settings(whose.tenant)?.showTitles ?? false,
    };
  }
}
