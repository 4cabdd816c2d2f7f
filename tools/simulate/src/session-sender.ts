import type { Admission, Answer, BeatAnswer, GatewayApi } from './gateway-api.ts';
import { countAnswer } from './tallies.ts';
import type { Tallies } from './tallies.ts';
import type { ViewerAction } from './viewer-actions.ts';

/** What a session's player sends. */
export type Message = Exclude<ViewerAction, { type: 'start' }>;

/** What a sender works with. */
export interface SenderOptions {
  readonly api: GatewayApi;
  readonly tallies: Tallies;
  readonly onBeatAnswer: (answer: BeatAnswer) => void;
  /** From 0 up to 1: spreads the second tries of many viewers. */
  readonly random: () => number;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 15_000;
/** The player of an unreachable gateway keeps so many messages; older ones are given up. */
const MAX_QUEUED = 20;

/** Sends what one session has to say, in order; what was put off is sent again, later and later. */
export class SessionSender {
  readonly #options: SenderOptions;
  readonly #sessionId: string;
  readonly #queue: Message[] = [];
  #ticket: string;
  #sending = false;

  constructor({ sessionId, ticket }: Admission, options: SenderOptions) {
    this.#options = options;
    this.#sessionId = sessionId;
    this.#ticket = ticket;
  }

  send(message: Message): void {
    this.#queue.push(message);
    if (this.#queue.length > MAX_QUEUED) this.#queue.shift();
    if (!this.#sending) void this.#sendAll();
  }

  /** Drops what was not sent yet: the application crashed, or was told to stop. */
  abandon(): void {
    this.#queue.length = 0;
  }

  /** Drops what was not sent yet, and ends the session. */
  async stop(): Promise<void> {
    this.abandon();
    await this.#deliver({ type: 'stop' });
  }

  async #sendAll(): Promise<void> {
    this.#sending = true;
    let backoffMs = FIRST_BACKOFF_MS;
    for (let message = this.#queue[0]; message !== undefined; message = this.#queue[0]) {
      const answer = await this.#deliver(message);
      countAnswer(this.#options.tallies, answer);
      if (answer.outcome === 'busy') {
        await this.#wait(Math.max(answer.retryAfterMs, backoffMs));
        backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
      } else {
        backoffMs = FIRST_BACKOFF_MS;
        if (this.#queue[0] === message) this.#queue.shift();
      }
    }
    this.#sending = false;
  }

  async #deliver(message: Message): Promise<Answer<unknown>> {
    const { api, tallies, onBeatAnswer } = this.#options;
    if (message.type === 'stop') return api.stop(this.#ticket, this.#sessionId);
    if (message.type === 'events') {
      const answer = await api.events(this.#ticket, message.body);
      if (answer.outcome === 'ok') tallies.events += message.body.length;
      return answer;
    }
    const answer = await api.beat(this.#ticket, message.body);
    if (answer.outcome === 'ok') {
      tallies.beats++;
      this.#ticket = answer.value.ticket ?? this.#ticket;
      onBeatAnswer(answer.value);
    }
    return answer;
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, delayMs * (1 + this.#options.random() / 2)).unref();
    });
  }
}
