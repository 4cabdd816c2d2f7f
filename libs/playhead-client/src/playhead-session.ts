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
  /** From 0 to 1. */
  readonly random?: () => number;
  /** Calls after so many milliseconds; what it returns takes that back. */
  readonly schedule?: (call: () => void, ms: number) => () => void;
}

const FIRST_RETRY_MS = 1_000;

/**
 * Beats for one stream, from the start to the end. The gateway's answer says when the next beat is due; a failed one is
 * sent again with a growing pause, as the same beat, until the next is due. When no beat was answered for `maxMissed`
 * intervals and the grace, the budget is used up and the player is told to stop: whoever cuts the beats off does not watch
 * on.
 */
export class PlayheadSession {
  readonly #options: SessionOptions;
  readonly #api: PlayheadApi;
  readonly #now: () => number;
  readonly #schedule: NonNullable<SessionOptions['schedule']>;
  #admission: PlaybackSessionAnswer;
  #ticket: string;
  #sequence = 0;
  #answeredAt: number;
  #failures = 0;
  #hasStartedAnew = false;
  #cancel: () => void = () => undefined;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#api = new PlayheadApi(options.transport);
    this.#now = options.now ?? Date.now;
    this.#schedule = options.schedule ?? byTimer;
    this.#admission = options.admission;
    this.#ticket = options.admission.ticket;
    this.#answeredAt = this.#now();
  }

  get sessionId(): string {
    return this.#admission.sessionId;
  }

  /** Begins to beat, at once. */
  begin(): void {
    void this.#beat();
  }

  /** Ends the stream: no more beats, and its slot is free. Also from `pagehide`: the request outlives the page. Resolves when it was sent, never rejects. */
  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    await this.#api
      .postStop({ session: this.sessionId, query: { ticket: this.#ticket }, keepalive: true })
      .catch(() => undefined);
  }

  async #beat(given?: Heartbeat): Promise<void> {
    const sentAt = this.#now();
    const body = given ?? { ...this.#options.report(), sequence: this.#sequence++, sentAt };
    const answer: ApiAnswer = await this.#api
      .postHeartbeats({ body: { ...body, sentAt }, headers: { 'playback-ticket': this.#ticket } })
      .catch(() => ({ status: 0, body: undefined, retryAfterMs: undefined }));
    if (this.#isOver) return;
    const failure = failureKind(answer.status);
    if (failure === undefined) this.#answered(answer.body as VerdictAnswer);
    else await this.#failed(failure, body, answer.retryAfterMs);
  }

  #answered(answer: VerdictAnswer): void {
    this.#answeredAt = this.#now();
    this.#failures = 0;
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
    if (answer.verdict === 'warn') this.#options.events.onWarn?.(answer);
    this.#next(() => void this.#beat(), answer.nextBeatInMs);
  }

  async #failed(kind: FailureKind, beat: Heartbeat, retryAfterMs: number | undefined): Promise<void> {
    const { events } = this.#options;
    const { intervalMs } = this.#admission.heartbeat;
    const { retry, usesBudget, startAnew } = failureRule(kind);
    events.onFailure?.(kind);
    if (startAnew) {
      await this.#startAnew();
      return;
    }
    if (usesBudget && this.#now() - this.#answeredAt >= this.#budgetMs()) {
      this.#giveUp({ cause: 'budget' });
      return;
    }
    if (!usesBudget) this.#answeredAt = this.#now();
    const backoffMs = FIRST_RETRY_MS * 2 ** this.#failures++ * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    const pauseMs = retry === 'after-retry-after' ? (retryAfterMs ?? intervalMs) : backoffMs;
    // From the time of the next beat on that one is sent, which says more about now.
    if (retry === 'never' || pauseMs >= intervalMs)
      this.#next(
        () => void this.#beat(),
        Math.max(intervalMs, retry === 'never' ? 0 : Math.min(pauseMs, 2 * intervalMs)),
      );
    else this.#next(() => void this.#beat(beat), pauseMs);
  }

  async #startAnew(): Promise<void> {
    const { startAnew } = this.#options;
    const admission = this.#hasStartedAnew ? undefined : await startAnew?.().catch(() => undefined);
    if (this.#isOver) return;
    if (admission === undefined) {
      this.#giveUp({ cause: 'ticket' });
      return;
    }
    this.#hasStartedAnew = true;
    this.#admission = admission;
    this.#ticket = admission.ticket;
    this.#sequence = 0;
    await this.#beat();
  }

  #budgetMs(): number {
    const { intervalMs, graceMs, maxMissed } = this.#admission.heartbeat;
    return intervalMs * maxMissed + graceMs;
  }

  #next(call: () => void, ms: number): void {
    this.#cancel = this.#schedule(call, ms);
  }

  #giveUp(end: SessionEnd): void {
    this.#end();
    this.#options.events.onStop(end);
  }

  #end(): void {
    this.#isOver = true;
    this.#cancel();
  }
}

function byTimer(call: () => void, ms: number): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
