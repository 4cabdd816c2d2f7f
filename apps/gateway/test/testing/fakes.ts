import type {
  AccountEntitlement,
  AdmissionDecision,
  ConcurrencyGuard,
  LogPosition,
  PlaybackEvent,
  PlaybackHeartbeat,
  SessionView,
  StreamView,
} from '@playhead/event-schemas';
import { LogUnavailableError } from '../../src/records/event-log.ts';
import type { EventLog, UnreadableLine } from '../../src/records/event-log.ts';

/** Keeps what is written, in order; `away` makes it refuse. */
export class MemoryLog implements EventLog {
  readonly heartbeats: PlaybackHeartbeat[] = [];
  readonly events: PlaybackEvent[] = [];
  readonly entitlements: AccountEntitlement[] = [];
  readonly deadLetters: UnreadableLine[] = [];
  away = false;

  async heartbeat(record: PlaybackHeartbeat): Promise<LogPosition> {
    return this.#keep('playback.heartbeats', this.heartbeats, record);
  }

  async event(record: PlaybackEvent): Promise<LogPosition> {
    return this.#keep('playback.events', this.events, record);
  }

  async entitlement(record: AccountEntitlement): Promise<LogPosition> {
    return this.#keep('accounts.entitlements', this.entitlements, record);
  }

  async deadLetter(line: UnreadableLine): Promise<LogPosition> {
    return this.#keep('playback.events.dead-letter', this.deadLetters, line);
  }

  get size(): number {
    return this.heartbeats.length + this.events.length + this.entitlements.length;
  }

  #keep<T>(topic: string, records: T[], record: T): LogPosition {
    if (this.away) throw new LogUnavailableError('Kafka is away');
    records.push(record);
    return { topic, partition: 0, offset: records.length - 1 };
  }
}

/** Answers what it is told to; remembers what it was asked. */
export class FakeGuard implements ConcurrencyGuard {
  decision: AdmissionDecision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
  readonly sessions = new Map<string, SessionView>();
  readonly streamsOf = new Map<string, StreamView[]>();
  readonly asked: object[] = [];
  /** How many questions it leaves unanswered before it answers. */
  silentFor = 0;

  decide(request: Parameters<ConcurrencyGuard['decide']>[0]): Promise<AdmissionDecision> {
    return this.#answer(request, () => this.decision);
  }

  session(request: Parameters<ConcurrencyGuard['session']>[0]): Promise<SessionView | undefined> {
    const { tenant, account, session } = request;
    return this.#answer(request, () => this.sessions.get(`${tenant}/${account}/${session}`));
  }

  streams(request: Parameters<ConcurrencyGuard['streams']>[0]): Promise<readonly StreamView[]> {
    return this.#answer(request, () => this.streamsOf.get(`${request.tenant}/${request.account}`) ?? []);
  }

  entitlementApplied(request: Parameters<ConcurrencyGuard['entitlementApplied']>[0]): Promise<void> {
    return this.#answer(request, () => undefined);
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
