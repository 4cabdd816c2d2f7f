import type { Api, ApiAnswer, ApiRequest, SessionEnd, SessionOptions, Transport } from '@playhead/playhead-client';
import { PlayheadSession } from '@playhead/playhead-client';

/** What a start is answered. */
export const ADMISSION: Api.PlaybackSessionAnswer = {
  sessionId: 's-1',
  ticket: 't-1',
  decision: 'allow',
  checked: true,
  heartbeat: { intervalMs: 10_000, graceMs: 5_000, maxMissed: 3 },
  usage: { current: 1, max: 2 },
  cmcdUrl: '/v1/cmcd',
  serverTime: 0,
};

/** An answer of the gateway. */
export const answer = (status: number, body?: unknown, retryAfterMs?: number): ApiAnswer => ({
  status,
  body,
  retryAfterMs,
});

/** The answer to a beat of a stream that may go on. */
export const goOn = (fields: object = {}): ApiAnswer =>
  answer(200, { verdict: 'continue', nextBeatInMs: 10_000, serverTime: 0, ...fields });

/** A gateway, a clock and a timer for one session. */
export class SessionRig implements Transport {
  now = 0;
  readonly sent: (ApiRequest & { readonly at: number })[] = [];
  /** Answers in order; then beats go on. `undefined`: no answer. */
  answers: (ApiAnswer | undefined)[] = [];
  /** What the session waits for. */
  due: { readonly call: () => void; readonly at: number } | undefined;
  readonly ends: SessionEnd[] = [];

  send(request: ApiRequest): Promise<ApiAnswer> {
    this.sent.push({ ...request, at: this.now });
    const next = this.answers.length === 0 ? goOn() : this.answers.shift();
    return next === undefined ? Promise.reject(new Error('no network')) : Promise.resolve(next);
  }

  session({ events, ...options }: Partial<SessionOptions> = {}): PlayheadSession {
    return new PlayheadSession({
      transport: this,
      admission: ADMISSION,
      report: () => ({ state: 'PLAYING', positionMs: this.now }),
      events: { onStop: (end) => this.ends.push(end), ...events },
      now: () => this.now,
      monotonicMs: () => this.now,
      random: () => 1,
      schedule: (call, ms) => {
        const due = { call, at: this.now + ms };
        this.due = due;
        return () => {
          if (this.due === due) this.due = undefined;
        };
      },
      ...options,
    });
  }

  /** Lets time pass until `until`. */
  async pass(until: number): Promise<void> {
    await new Promise(setImmediate);
    while (this.due !== undefined && this.due.at <= until) {
      this.now = this.due.at;
      await this.fire();
    }
    this.now = until;
  }

  /** The timer goes off now, whenever it was due. */
  async fire(): Promise<void> {
    const due = this.due;
    this.due = undefined;
    due?.call();
    await new Promise(setImmediate);
  }

  /** Sequence and time of each beat. */
  beats(): (readonly [sequence: number, at: number])[] {
    return this.sent
      .filter(({ path }) => path === '/v1/heartbeats')
      .map(({ body, at }) => [(body as Api.Heartbeat).sequence, at]);
  }
}
