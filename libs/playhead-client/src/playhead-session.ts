import { failureKind, failureRule } from './failure-rules.ts';
import type { FailureKind } from './failure-rules.ts';
import { PlayheadApi } from './generated/playhead-api.ts';
import type { Heartbeat, PlaybackSessionAnswer, VerdictAnswer } from './generated/playhead-api.ts';
import type { ApiAnswer, Transport } from './transport.ts';

/** What the player is doing, for a beat. */
export type PlayerReport = Omit<Heartbeat, 'sequence' | 'sentAt'>;

/** Why a session ended. */
export interface SessionEnd {
  /** verdict: the gateway said stop. budget: nobody answered for too long. ticket: it is not accepted and no new session could be had. */
  readonly cause: 'verdict' | 'budget' | 'ticket';
  readonly reason?: string;
  readonly endedBy?: string;
}

/** What the application is told. */
export interface SessionEvents {
  /** Stop playing now. Called once. */
  onStop(end: SessionEnd): void;
  /** The verdict is warn. */
  onWarn?(answer: VerdictAnswer): void;
  /** A beat failed; it goes on by itself. */
  onFailure?(kind: FailureKind): void;
  /** Another listener or `report` threw. A listener's error changes nothing; without a report there is no beat, and the budget is used. Without it that is an unhandled rejection. */
  onError?(error: unknown): void;
}

/** What a session is made of. */
export interface SessionOptions {
  readonly transport: Transport;
  /** The answer to the start. */
  readonly admission: PlaybackSessionAnswer;
  readonly report: () => PlayerReport;
  readonly events: SessionEvents;
  /** A new admission after a 401, or undefined; asked once in a row. */
  readonly startAnew?: () => Promise<PlaybackSessionAnswer | undefined>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds from any origin, never set back: what the budget is measured with. */
  readonly monotonicMs?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Calls after so many milliseconds; what it returns takes that back. */
  readonly schedule?: (call: () => void, ms: number) => () => void;
}

const FIRST_RETRY_MS = 1_000;
/** Nothing is waited for shorter or longer, whatever an answer says: a timer of 0, or of more than 24 days, is none. */
const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3_600_000;
/** What a request without an answer counts at most. */
const LONGEST_REQUEST_MS = 10_000;
const NO_ANSWER: ApiAnswer = { status: 0, body: undefined, retryAfterMs: undefined };

/**
 * Beats for one stream, from the start to the end. The gateway's answer says when the next beat is due; a failed one is
 * sent again with a growing pause, as the same beat, until the next is due. When no beat was answered for `maxMissed`
 * intervals and the grace, the budget is used up and the player is told to stop: whoever cuts the beats off does not watch
 * on. The interval is the one that was asked for last, which a gateway under load makes longer. Time in which the device
 * slept, or the page was frozen, is not counted: nothing was played, and the network comes back after the timers.
 */
export class PlayheadSession {
  readonly #options: SessionOptions;
  readonly #api: PlayheadApi;
  readonly #now: () => number;
  readonly #monotonicMs: () => number;
  readonly #schedule: NonNullable<SessionOptions['schedule']>;
  #admission: PlaybackSessionAnswer;
  #ticket: string;
  #sequence = 0;
  #intervalMs: number;
  /** Time since the last answer, as far as it counts. */
  #unansweredMs = 0;
  #countedTo: number;
  #failures = 0;
  #hasStartedAnew = false;
  #cancel: () => void = () => undefined;
  #hasBegun = false;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#api = new PlayheadApi(options.transport);
    this.#now = options.now ?? Date.now;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#schedule = options.schedule ?? byTimer;
    this.#admission = options.admission;
    this.#ticket = options.admission.ticket;
    this.#intervalMs = options.admission.heartbeat.intervalMs;
    this.#countedTo = this.#monotonicMs();
  }

  get sessionId(): string {
    return this.#admission.sessionId;
  }

  /** The newest ticket, for events and lookups: answers renew it. */
  get ticket(): string {
    return this.#ticket;
  }

  /** Begins to beat, at once. A second call changes nothing. */
  begin(): void {
    if (this.#hasBegun || this.#isOver) return;
    this.#hasBegun = true;
    void this.#beat();
  }

  /** Ends the stream: no more beats, and its slot is free. Also from `pagehide`: the request outlives the page. Resolves when it was sent, never rejects. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    await this.#free(this.#admission, this.#ticket);
  }

  async #beat(given?: Heartbeat): Promise<void> {
    const sentAt = this.#now();
    const body = given ?? this.#newBeat(sentAt);
    // The application may have stopped it from within its report.
    if (this.#isOver) return;
    this.#count(0);
    const answer: ApiAnswer =
      body === undefined
        ? NO_ANSWER
        : await this.#api
            .postHeartbeats({ body: { ...body, sentAt }, headers: { 'playback-ticket': this.#ticket } })
            .catch(() => NO_ANSWER);
    if (this.#isOver) return;
    this.#count(LONGEST_REQUEST_MS);
    const failure = failureKind(answer.status);
    if (failure !== undefined) await this.#failed(failure, body, answer.retryAfterMs);
    else if (isVerdict(answer.body)) this.#answered(answer.body);
    // Who answered is not the gateway, but for example the sign-in page of a network.
    else await this.#failed('network', body);
  }

  /** Undefined when the application cannot say what the player does. */
  #newBeat(sentAt: number): Heartbeat | undefined {
    const report = this.#told(() => this.#options.report());
    return report === undefined ? undefined : { ...report, sequence: this.#sequence++, sentAt };
  }

  #answered(answer: VerdictAnswer): void {
    this.#hasAnswered();
    this.#hasStartedAnew = false;
    this.#ticket = answer.ticket ?? this.#ticket;
    if (answer.verdict === 'stop') {
      const { reason, endedBy } = answer;
      this.#giveUp({
        cause: 'verdict',
        ...(reason === undefined ? {} : { reason }),
        ...(endedBy === undefined ? {} : { endedBy }),
      });
      return;
    }
    if (answer.nextBeatInMs > 0) this.#intervalMs = Math.min(LONGEST_PAUSE_MS, answer.nextBeatInMs);
    this.#next(this.#intervalMs);
    if (answer.verdict === 'warn') this.#told(() => this.#options.events.onWarn?.(answer));
  }

  async #failed(kind: FailureKind, beat: Heartbeat | undefined, retryAfterMs?: number): Promise<void> {
    const intervalMs = this.#intervalMs;
    const { retry, usesBudget, startAnew } = failureRule(kind);
    this.#told(() => this.#options.events.onFailure?.(kind));
    if (this.#isOver) return;
    if (startAnew) {
      await this.#startAnew();
      return;
    }
    if (!usesBudget) this.#hasAnswered();
    else if (this.#unansweredMs >= this.#budgetMs()) {
      this.#giveUp({ cause: 'budget' });
      return;
    }
    const pauseMs =
      retry === 'with-backoff' ? Math.max(this.#backoffMs(), retryAfterMs ?? 0) : (retryAfterMs ?? intervalMs);
    // From the time of the next beat on that one is sent, which says more about now.
    if (retry === 'never') this.#next(intervalMs);
    else if (pauseMs >= intervalMs) this.#next(Math.min(pauseMs, 2 * intervalMs));
    else this.#next(pauseMs, beat);
  }

  async #startAnew(): Promise<void> {
    const admission = this.#hasStartedAnew ? undefined : await this.#askAnew().catch(() => undefined);
    if (this.#isOver) {
      // It was stopped meanwhile, which the new session does not know.
      if (admission !== undefined) await this.#free(admission, admission.ticket);
      return;
    }
    if (admission === undefined) {
      this.#giveUp({ cause: 'ticket' });
      return;
    }
    this.#hasStartedAnew = true;
    this.#admission = admission;
    this.#ticket = admission.ticket;
    this.#intervalMs = admission.heartbeat.intervalMs;
    this.#hasAnswered();
    this.#sequence = 0;
    await this.#beat();
  }

  async #askAnew(): Promise<PlaybackSessionAnswer | undefined> {
    return this.#options.startAnew?.();
  }

  async #free({ sessionId }: PlaybackSessionAnswer, ticket: string): Promise<void> {
    await this.#api.postStop({ session: sessionId, query: { ticket }, keepalive: true }).catch(() => undefined);
  }

  /** Whatever the gateway says, it is there. */
  #hasAnswered(): void {
    this.#unansweredMs = 0;
    this.#failures = 0;
  }

  #backoffMs(): number {
    return FIRST_RETRY_MS * 2 ** this.#failures++ * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
  }

  #budgetMs(): number {
    const { intervalMs, graceMs, maxMissed } = this.#admission.heartbeat;
    return Math.max(intervalMs, this.#intervalMs) * maxMissed + graceMs;
  }

  /** Counts the time since the last count, at most so much of it. */
  #count(atMostMs: number): void {
    const now = this.#monotonicMs();
    this.#unansweredMs += Math.min(now - this.#countedTo, atMostMs);
    this.#countedTo = now;
  }

  /** Beats after a pause: that beat again, or a new one. */
  #next(pauseMs: number, beat?: Heartbeat): void {
    const ms = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, pauseMs));
    this.#cancel = this.#schedule(() => {
      this.#count(ms);
      void this.#beat(beat);
    }, ms);
  }

  /** What the application says; undefined when it throws, which must not end the beats. */
  #told<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      const { onError = (thrown: unknown) => void Promise.reject(thrown) } = this.#options.events;
      // Not from here: what it throws itself is for the platform to report, and the beats go on.
      queueMicrotask(() => onError(error));
      return undefined;
    }
  }

  #giveUp(end: SessionEnd): void {
    this.#end();
    this.#told(() => this.#options.events.onStop(end));
  }

  #end(): void {
    this.#isOver = true;
    this.#cancel();
  }
}

const isVerdict = (body: unknown): body is VerdictAnswer =>
  typeof (body as Partial<VerdictAnswer> | null | undefined)?.verdict === 'string';

function byTimer(call: () => void, ms: number): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
