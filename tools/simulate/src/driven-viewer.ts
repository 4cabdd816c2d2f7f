import type { BeatAnswer, GatewayApi } from './gateway-api.ts';
import { SessionSender } from './session-sender.ts';
import { countAnswer } from './tallies.ts';
import type { Tallies } from './tallies.ts';
import type { Viewer } from './viewer.ts';
import type { ViewerAction } from './viewer-actions.ts';

/** What a driven viewer works with. */
export interface DriveOptions {
  readonly api: GatewayApi;
  readonly tallies: Tallies;
  /** The viewer's JWT; asked for at each start, because it expires. */
  readonly token: () => Promise<string>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Lets a `Viewer` live in real time: its actions go to the gateway, the gateway's answers to it. */
export class DrivenViewer {
  readonly #viewer: Viewer;
  readonly #options: DriveOptions;
  #sender: SessionSender | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(viewer: Viewer, options: DriveOptions) {
    this.#viewer = viewer;
    this.#options = options;
    this.#plan();
  }

  /** Ends the session, if there is one, and does nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#viewer.leave();
    const sender = this.#sender;
    this.#detach();
    await sender?.stop();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const atMs = this.#viewer.nextAtMs;
    if (this.#closed || atMs === Infinity) return;
    this.#timer = setTimeout(() => this.#step(), Math.max(0, atMs - Date.now()));
  }

  #step(): void {
    const actions = this.#viewer.step(Date.now());
    this.#perform(actions);
    if (this.#viewer.state === 'browsing' && this.#sender !== undefined) {
      const saidGoodbye = actions.at(-1)?.type === 'stop';
      if (!saidGoodbye) this.#sender.abandon();
      this.#detach();
    }
    this.#plan();
  }

  #perform(actions: readonly ViewerAction[]): void {
    for (const action of actions) {
      if (action.type === 'start') void this.#start(action);
      else this.#sender?.send(action);
    }
  }

  async #start({ body }: Extract<ViewerAction, { type: 'start' }>): Promise<void> {
    const { api, tallies, token, random } = this.#options;
    const answer = await api.start(await token(), body);
    countAnswer(tallies, answer);
    if (answer.outcome === 'ok') {
      const sender = new SessionSender(answer.value, {
        api,
        tallies,
        random,
        onBeatAnswer: (beat) => this.#beatAnswered(sender, beat),
      });
      if (this.#closed) {
        await sender.stop();
        return;
      }
      tallies.admitted++;
      tallies.watching++;
      this.#sender = sender;
      this.#perform(this.#viewer.admitted(answer.value.heartbeat, Date.now()));
    } else {
      this.#viewer.refused('retryAfterMs' in answer ? answer.retryAfterMs : 0, Date.now());
    }
    this.#plan();
  }

  #beatAnswered(sender: SessionSender, { verdict, nextBeatInMs }: BeatAnswer): void {
    if (this.#sender !== sender) return;
    this.#viewer.answered(verdict, nextBeatInMs, Date.now());
    if (verdict === 'stop') {
      this.#options.tallies.stopped++;
      sender.abandon();
      this.#detach();
    }
    this.#plan();
  }

  #detach(): void {
    if (this.#sender !== undefined) this.#options.tallies.watching--;
    this.#sender = undefined;
  }
}
