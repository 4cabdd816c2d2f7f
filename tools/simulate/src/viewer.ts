/**
 * A simulated viewer, without a network or a clock of its own:
 *
 *     browsing ──▶ asking ──allow──▶ starting ──▶ playing ◀──▶ paused, seeking, rebuffering
 *        ▲           │ deny              │           │
 *        └───────────┴───────────────────┴───────────┴── stopped by the viewer, zapped away, finished, crashed, or told to stop
 *
 * `step(now)` is called when `nextAtMs` has come and gives what the player sends at that time. A crash sends nothing:
 * the beats just cease, and the viewer comes back later.
 */
import type { BeatBody, EventBody, SessionGrant, ViewerAction } from './viewer-actions.ts';
import { BEHAVIOUR } from './behaviour.ts';
import { pickTitle } from './catalogue.ts';
import type { Title } from './catalogue.ts';
import { Playback } from './playback.ts';
import type { Random } from './random.ts';

/** What a viewer is doing. */
export type ViewerState = 'browsing' | 'asking' | 'watching';

/** See the head of this file. All times are virtual milliseconds since the epoch. */
export class Viewer {
  readonly #random: Random;
  #state: ViewerState = 'browsing';
  #title: Title | undefined;
  #playback: Playback | undefined;
  #nextAtMs: number;

  constructor(random: Random, firstAtMs: number) {
    this.#random = random;
    this.#nextAtMs = firstAtMs;
  }

  get state(): ViewerState {
    return this.#state;
  }

  /** When `step` is due; infinite while an answer is awaited. */
  get nextAtMs(): number {
    return this.#playback?.nextAtMs ?? this.#nextAtMs;
  }

  /** What is sent now, in this order. */
  step(nowMs: number): readonly ViewerAction[] {
    if (nowMs < this.nextAtMs) return [];
    if (this.#playback === undefined) return this.#ask();
    const { actions, over } = this.#playback.step(nowMs);
    if (over !== undefined) this.#leave(nowMs, over === 'zapped' ? BEHAVIOUR.zapMs : BEHAVIOUR.browseMs);
    return actions;
  }

  /** The session was allowed. */
  admitted(grant: SessionGrant, nowMs: number): readonly ViewerAction[] {
    if (this.#state !== 'asking' || this.#title === undefined) return [];
    this.#state = 'watching';
    this.#playback = new Playback(this.#title, grant.intervalMs, this.#random, nowMs);
    return this.#playback.begin(nowMs);
  }

  /** The session was refused, or nobody answered: the viewer tries again, not before `retryAfterMs`. */
  refused(retryAfterMs: number, nowMs: number): void {
    if (this.#state === 'asking') this.#leave(nowMs, Math.max(retryAfterMs, BEHAVIOUR.retryMs));
  }

  /** The answer to a beat: the next one comes when it says, and `stop` ends the playback. */
  answered(verdict: string, nextBeatInMs: number, nowMs: number): void {
    if (this.#playback === undefined) return;
    if (verdict === 'stop') this.#leave(nowMs, BEHAVIOUR.browseMs);
    else this.#playback.beatIn(nextBeatInMs, nowMs);
  }

  /** The viewer switches off. True when a session is to be ended properly. */
  leave(): boolean {
    const watching = this.#playback !== undefined;
    this.#playback = undefined;
    this.#state = 'browsing';
    this.#nextAtMs = Infinity;
    return watching;
  }

  #ask(): readonly ViewerAction[] {
    this.#title = pickTitle(this.#random);
    this.#state = 'asking';
    this.#nextAtMs = Infinity;
    const { contentId, kind, title } = this.#title;
    return [{ type: 'start', body: { contentId, kind, title } }];
  }

  #leave(nowMs: number, meanMs: number): void {
    this.#playback = undefined;
    this.#state = 'browsing';
    this.#nextAtMs = nowMs + BEHAVIOUR.shortestBreakMs + this.#random.wait(meanMs);
  }
}

export type { BeatBody, EventBody, SessionGrant, ViewerAction };
