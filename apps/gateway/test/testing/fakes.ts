import type {
  AccountEntitlement,
  AccountEntitlementView,
  AccountHistory,
  AccountRef,
  AccountStreams,
  AccountUsage,
  AdmissionDecision,
  ConcurrencyGuard,
  Explanation,
  FoundSessions,
  LogPosition,
  PlaybackDecision,
  PlaybackEvent,
  PlaybackHeartbeat,
  SessionView,
  StoredPolicy,
  StreamView,
  TenantPolicy,
  TenantSettings,
} from '@playhead/event-schemas';
import { topics } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import type { EventLog, UnreadableLine } from '../../src/records/event-log.ts';

const schemas = new InMemorySchemas();
const codecs = {
  heartbeats: topics.heartbeats.value.open({ topic: topics.heartbeats.name, part: 'value', schemas }),
  events: topics.events.value.open({ topic: topics.events.name, part: 'value', schemas }),
  entitlements: topics.entitlements.value.open({ topic: topics.entitlements.name, part: 'value', schemas }),
  decisions: topics.decisions.value.open({ topic: topics.decisions.name, part: 'value', schemas }),
};

/** Keeps what is written, in order, after the real codecs have written it as Avro; `away` makes it refuse. */
export class MemoryLog implements EventLog {
  readonly heartbeats: PlaybackHeartbeat[] = [];
  readonly events: PlaybackEvent[] = [];
  readonly entitlements: (AccountRef & { readonly record: AccountEntitlement | null })[] = [];
  readonly decisions: PlaybackDecision[] = [];
  readonly policies: { readonly tenant: string; readonly policy: string; readonly record: TenantPolicy | null }[] = [];
  readonly settings: TenantSettings[] = [];
  readonly deadLetters: UnreadableLine[] = [];
  away = false;
  /** Records wait on the disk. */
  waits = false;
  /** A question for the newest place gets no answer. */
  endIsUntold = false;
  /** Accounts whose newest place was asked for. */
  readonly placesAsked: AccountRef[] = [];

  heartbeat(record: PlaybackHeartbeat): Promise<LogPosition> {
    return this.#keep(topics.heartbeats.name, this.heartbeats, record, () => codecs.heartbeats.serialize(record));
  }

  async beats(records: readonly PlaybackHeartbeat[]): Promise<LogPosition | undefined> {
    return (await Promise.all(records.map((record) => this.heartbeat(record)))).at(-1);
  }

  event(record: PlaybackEvent): Promise<LogPosition> {
    return this.#keep(topics.events.name, this.events, record, () => codecs.events.serialize(record));
  }

  entitlement({ tenant, account }: AccountRef, record: AccountEntitlement | null): Promise<LogPosition> {
    return this.#keep(topics.entitlements.name, this.entitlements, { tenant, account, record }, () =>
      record === null ? undefined : codecs.entitlements.serialize(record),
    );
  }

  decision(record: PlaybackDecision): Promise<LogPosition> {
    return this.#keep(topics.decisions.name, this.decisions, record, () => codecs.decisions.serialize(record));
  }

  deadLetter(line: UnreadableLine): Promise<LogPosition> {
    return this.#keep('playback.events.dead-letter', this.deadLetters, line, () => undefined);
  }

  async newestHeartbeat(account: AccountRef): Promise<LogPosition | undefined> {
    if (this.away) throw new LogUnavailableError('Kafka is away');
    this.placesAsked.push(account);
    if (this.endIsUntold) return new Promise(() => undefined);
    if (this.waits) return undefined;
    return { topic: topics.heartbeats.name, partition: 0, offset: this.heartbeats.length - 1 };
  }

  get size(): number {
    return this.heartbeats.length + this.events.length + this.entitlements.length;
  }

  policy(
    owner: { readonly tenant: string; readonly policy: string },
    record: TenantPolicy | null,
  ): Promise<LogPosition> {
    return this.#keep(topics.policies.name, this.policies, { ...owner, record }, () => undefined);
  }

  tenantSettings(record: TenantSettings): Promise<LogPosition> {
    return this.#keep(topics.tenantSettings.name, this.settings, record, () => undefined);
  }

  async #keep<T>(topic: string, records: T[], record: T, write: () => unknown): Promise<LogPosition> {
    if (this.away) throw new LogUnavailableError('Kafka is away');
    records.push(record);
    const offset = records.length - 1;
    for (const { ready } of Object.values(codecs)) await ready;
    write();
    return { topic, partition: 0, offset };
  }
}

/** Answers what it is told to; remembers what it was asked. */
export class FakeGuard implements ConcurrencyGuard {
  decision: AdmissionDecision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
  readonly known = new Map<string, SessionView>();
  /** Known once the log has been read to its end. */
  readonly unread = new Map<string, SessionView>();
  /** It does not get to the end of the log in time. */
  isBehind = false;
  /** Of lists of streams. */
  staleness: { readonly staleBy?: number } = {};
  readonly streamsOf = new Map<string, StreamView[]>();
  readonly asked: object[] = [];
  /** Whose usage, history and decisions have this text in them. */
  secretOf: { readonly tenant: string; readonly account: string; readonly text: string } | undefined;
  /** The entitlement of every account; undefined: none has its own. */
  entitled: Omit<AccountEntitlementView, 'isOwn'> | undefined;
  /** How many questions it leaves unanswered before it answers. */
  silentFor = 0;

  decide(request: Parameters<ConcurrencyGuard['decide']>[0]): Promise<AdmissionDecision> {
    return this.#answer(request, () => this.decision);
  }

  session(request: Parameters<ConcurrencyGuard['session']>[0]): Promise<SessionView | undefined> {
    const { tenant, account, session, position } = request;
    const key = `${tenant}/${account}/${session}`;
    if (position !== undefined && this.isBehind) return Promise.reject(new Error('the log was not read up to there'));
    return this.#answer(
      request,
      () => this.known.get(key) ?? (position === undefined ? undefined : this.unread.get(key)),
    );
  }

  streams(request: Parameters<ConcurrencyGuard['streams']>[0]): Promise<AccountStreams> {
    return this.#answer(request, () => ({
      streams: this.streamsOf.get(`${request.tenant}/${request.account}`) ?? [],
      ...this.staleness,
    }));
  }

  entitlement(request: Parameters<ConcurrencyGuard['entitlement']>[0]): Promise<AccountEntitlementView> {
    return this.#answer(request, () => {
      const secret = this.#secret(request);
      const own = secret === undefined ? this.entitled : { plan: secret, maxStreams: 2 };
      return own === undefined ? { plan: 'default', maxStreams: 2, isOwn: false } : { ...own, isOwn: true };
    });
  }

  entitlementApplied(request: Parameters<ConcurrencyGuard['entitlementApplied']>[0]): Promise<void> {
    return this.#answer(request, () => undefined);
  }

  dryRun(request: Parameters<ConcurrencyGuard['dryRun']>[0]): Promise<Explanation> {
    return this.#answer(request, () => ({ ...this.decision, plan: 'default', rules: [], checked: true, decidedAt: 0 }));
  }

  explain(request: Parameters<ConcurrencyGuard['explain']>[0]): Promise<Explanation | undefined> {
    return this.#answer(request, () => {
      const text = this.#secret(request);
      return text === undefined ? undefined : { ...this.decision, plan: text, rules: [], checked: true, decidedAt: 0 };
    });
  }

  sessions(request: Parameters<ConcurrencyGuard['sessions']>[0]): Promise<readonly (SessionView | null)[]> {
    return this.#answer(request, () =>
      request.sessions.map(({ account, session }) => this.known.get(`${request.tenant}/${account}/${session}`) ?? null),
    );
  }

  usage(request: Parameters<ConcurrencyGuard['usage']>[0]): Promise<AccountUsage> {
    return this.#answer(request, () => ({ plan: this.#secret(request) ?? 'default', streams: 0, rules: [] }));
  }

  history(request: Parameters<ConcurrencyGuard['history']>[0]): Promise<AccountHistory> {
    return this.#answer(request, () => {
      const content = this.#secret(request);
      if (content === undefined) return { entries: [] };
      const whose = { sessionId: 's-1', device: 'd', content, kind: 'VOD' } as const;
      return { entries: [{ at: 0, type: 'ADMISSION', ...whose, checked: true, rules: [] }] };
    });
  }

  find(request: Parameters<ConcurrencyGuard['find']>[0]): Promise<FoundSessions> {
    return this.#answer(request, () => ({ sessions: [] }));
  }

  policyApplied(request: Parameters<ConcurrencyGuard['policyApplied']>[0]): Promise<void> {
    return this.#answer(request, () => undefined);
  }

  policies(request: Parameters<ConcurrencyGuard['policies']>[0]): Promise<Readonly<Record<string, StoredPolicy>>> {
    return this.#answer(request, () => ({}));
  }

  #secret({ tenant, account }: { readonly tenant: string; readonly account: string }): string | undefined {
    const { secretOf } = this;
    return secretOf?.tenant === tenant && secretOf.account === account ? secretOf.text : undefined;
  }

  async #answer<T>(request: object, answer: () => T): Promise<T> {
    this.asked.push(request);
    if (this.silentFor > 0) {
      this.silentFor--;
      throw new Error('no owner of the account answered');
    }
    return answer();
  }
}

/** A session as the guard shows it. */
export function sessionView(sessionId: string, now: number): SessionView {
  return {
    sessionId,
    state: 'active',
    verdict: 'continue',
    lastSequence: 3,
    beats: 4,
    events: 1,
    startedAt: now - 40_000,
    lastSeenAt: now,
    expiresAt: now + 25_000,
  };
}
