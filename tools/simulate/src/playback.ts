import { BEHAVIOUR } from './behaviour.ts';
import type { Title } from './catalogue.ts';
import type { Random } from './random.ts';
import type { BeatBody, EventBody, ViewerAction } from './viewer-actions.ts';

/** Why a playback is over: the viewer zapped, stopped, saw it to its end, or the application crashed. */
export type PlaybackEnd = 'zapped' | 'stopped' | 'finished' | 'crashed';

/** What a step gives. */
export interface PlaybackStep {
  readonly actions: readonly ViewerAction[];
  readonly over?: PlaybackEnd;
}

type State = Exclude<BeatBody['state'], 'ENDED'>;
const QUARTILES = [25, 50, 75, 100];

/** One session in the player: its state, playhead, counters, and when the next beat and the next change are due. */
export class Playback {
  readonly #title: Title;
  readonly #random: Random;
  #intervalMs: number;
  #state: State = 'STARTING';
  #positionMs: number;
  /** Up to when the playhead has been moved. */
  #movedAtMs: number;
  #nextBeatAtMs: number;
  #nextChangeAtMs: number;
  #beats = 0;
  #eventCount = 0;
  #quartiles: number;
  #bitrateKbps: number;

  constructor(title: Title, intervalMs: number, random: Random, nowMs: number) {
    this.#title = title;
    this.#random = random;
    this.#intervalMs = intervalMs;
    this.#bitrateKbps = random.pick(BEHAVIOUR.bitratesKbps);
    this.#positionMs =
      title.kind === 'LIVE' ? nowMs : Math.floor(random.chance(0.4) ? random.next() * title.durationMs * 0.8 : 0);
    this.#quartiles = this.#quartilesAt(this.#positionMs);
    this.#movedAtMs = nowMs;
    this.#nextBeatAtMs = nowMs;
    this.#nextChangeAtMs = nowMs + random.wait(BEHAVIOUR.startupMs);
  }

  get nextAtMs(): number {
    return Math.min(this.#nextBeatAtMs, this.#nextChangeAtMs);
  }

  /** What is sent as soon as the session is allowed. */
  begin(nowMs: number): readonly ViewerAction[] {
    return [this.#event(nowMs, 'PLAY'), this.#beat(nowMs)];
  }

  /** The gateway has said when it wants the next beat. */
  beatIn(nextBeatInMs: number, nowMs: number): void {
    this.#intervalMs = nextBeatInMs;
    this.#planBeat(nowMs);
  }

  step(nowMs: number): PlaybackStep {
    this.#move(nowMs);
    const actions: ViewerAction[] = this.#quartileEvents(nowMs);
    if (this.#finished) return { actions: [...actions, this.#lastBeat(nowMs), { type: 'stop' }], over: 'finished' };
    let over: PlaybackEnd | undefined;
    if (nowMs >= this.#nextChangeAtMs) {
      const change = this.#change(nowMs);
      actions.push(...change.actions);
      over = change.over;
    }
    if (over === undefined && nowMs >= this.#nextBeatAtMs) actions.push(this.#beat(nowMs));
    return over === undefined ? { actions } : { actions, over };
  }

  get #finished(): boolean {
    return this.#title.durationMs >= 0 && this.#positionMs >= this.#title.durationMs;
  }

  /** Moves the playhead by the time that was played. */
  #move(nowMs: number): void {
    if (this.#state === 'PLAYING') {
      this.#positionMs += nowMs - this.#movedAtMs;
      if (this.#title.durationMs >= 0) this.#positionMs = Math.min(this.#positionMs, this.#title.durationMs);
    }
    this.#movedAtMs = nowMs;
  }

  #quartileEvents(nowMs: number): ViewerAction[] {
    const reached = this.#quartilesAt(this.#positionMs);
    const fresh = QUARTILES.slice(this.#quartiles, reached);
    this.#quartiles = Math.max(this.#quartiles, reached);
    return fresh.map((quartile) => this.#event(nowMs, 'QUARTILE', { quartile }));
  }

  /** How many quarters lie before a position; none of a live programme. */
  #quartilesAt(positionMs: number): number {
    const { durationMs } = this.#title;
    return durationMs < 0 ? 0 : QUARTILES.filter((quartile) => positionMs >= (durationMs * quartile) / 100).length;
  }

  /** The next thing happens: what was under way ends, or something new begins. */
  #change(nowMs: number): PlaybackStep {
    switch (this.#state) {
      case 'STARTING':
        return this.#firstFrame(nowMs);
      case 'PAUSED':
        return this.#play(nowMs, 'RESUME');
      case 'REBUFFERING':
        return this.#play(nowMs, 'REBUFFER_END');
      case 'SEEKING':
        return this.#play(nowMs);
      case 'PLAYING':
        return this.#happen(nowMs);
    }
  }

  #firstFrame(nowMs: number): PlaybackStep {
    if (this.#random.chance(BEHAVIOUR.startFailure)) {
      const failed = this.#event(nowMs, 'START_FAILED', { code: 'MANIFEST_TIMEOUT', fatal: true });
      return { actions: [failed, { type: 'stop' }], over: 'stopped' };
    }
    return this.#play(nowMs, 'FIRST_FRAME');
  }

  #play(nowMs: number, event?: string): PlaybackStep {
    this.#state = 'PLAYING';
    this.#nextChangeAtMs = nowMs + this.#random.wait(BEHAVIOUR.untilNextMs);
    return { actions: event === undefined ? [] : [this.#event(nowMs, event)] };
  }

  #happen(nowMs: number): PlaybackStep {
    const { pause, seek, rebuffer, zap, stop, crash, error } = BEHAVIOUR.chances;
    const happenings: readonly (readonly [number, () => PlaybackStep])[] = [
      [pause, () => this.#wait(nowMs, 'PAUSED', BEHAVIOUR.pauseMs, 'PAUSE')],
      [seek, () => this.#seek(nowMs)],
      [rebuffer, () => this.#wait(nowMs, 'REBUFFERING', BEHAVIOUR.rebufferMs, 'REBUFFER_START')],
      [zap, () => ({ actions: [{ type: 'stop' }], over: 'zapped' })],
      [stop, () => ({ actions: [this.#lastBeat(nowMs), { type: 'stop' }], over: 'stopped' })],
      [crash, () => ({ actions: [], over: 'crashed' })],
      [error, () => this.#fail(nowMs)],
    ];
    let left = this.#random.next();
    for (const [chance, happening] of happenings) {
      left -= chance;
      if (left < 0) return happening();
    }
    return this.#changeBitrate(nowMs);
  }

  #wait(nowMs: number, state: State, meanMs: number, event: string): PlaybackStep {
    this.#state = state;
    this.#nextChangeAtMs = nowMs + this.#random.wait(meanMs);
    return { actions: [this.#event(nowMs, event)] };
  }

  #seek(nowMs: number): PlaybackStep {
    const { durationMs } = this.#title;
    if (durationMs < 0) return this.#changeBitrate(nowMs);
    const fromMs = Math.floor(this.#positionMs);
    const toMs = this.#random.int(0, Math.floor(durationMs * 0.95));
    this.#positionMs = toMs;
    this.#quartiles = this.#quartilesAt(toMs);
    this.#state = 'SEEKING';
    this.#nextChangeAtMs = nowMs + this.#random.wait(BEHAVIOUR.seekMs);
    return { actions: [this.#event(nowMs, 'SEEK', { fromMs, toMs })] };
  }

  #fail(nowMs: number): PlaybackStep {
    const error = this.#event(nowMs, 'ERROR', { code: 'MEDIA_3016', fatal: true });
    return { actions: [error, this.#lastBeat(nowMs), { type: 'stop' }], over: 'stopped' };
  }

  #changeBitrate(nowMs: number): PlaybackStep {
    const fromKbps = this.#bitrateKbps;
    this.#bitrateKbps = this.#random.pick(BEHAVIOUR.bitratesKbps);
    this.#nextChangeAtMs = nowMs + this.#random.wait(BEHAVIOUR.untilNextMs);
    return { actions: [this.#event(nowMs, 'BITRATE', { kbps: this.#bitrateKbps, fromKbps, reason: 'adaptation' })] };
  }

  #event(nowMs: number, type: string, fields: Readonly<Record<string, string | number | boolean>> = {}): ViewerAction {
    const body: EventBody = {
      sequence: this.#eventCount++,
      type,
      positionMs: Math.floor(this.#positionMs),
      sentAt: Math.floor(nowMs),
      ...fields,
    };
    return { type: 'events', body: [body] };
  }

  #beat(nowMs: number): ViewerAction {
    this.#planBeat(nowMs);
    return { type: 'beat', body: this.#beatBody(nowMs, this.#state) };
  }

  #lastBeat(nowMs: number): ViewerAction {
    return { type: 'beat', body: this.#beatBody(nowMs, 'ENDED') };
  }

  #beatBody(nowMs: number, state: BeatBody['state']): BeatBody {
    const { durationMs } = this.#title;
    return {
      sequence: this.#beats++,
      state,
      positionMs: Math.floor(this.#positionMs),
      ...(durationMs < 0 ? {} : { durationMs }),
      bitrateKbps: this.#bitrateKbps,
      bufferMs: state === 'REBUFFERING' || state === 'STARTING' ? 0 : BEHAVIOUR.bufferMs,
      sentAt: Math.floor(nowMs),
    };
  }

  #planBeat(nowMs: number): void {
    const jitter = 1 + (this.#random.next() * 2 - 1) * BEHAVIOUR.jitter;
    this.#nextBeatAtMs = nowMs + this.#intervalMs * jitter;
  }
}
