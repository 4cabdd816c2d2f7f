import type { GatewayApi, Session } from './gateway-api.ts';

/** Looks at the sessions under way each second: between its first line and its first final one a session has to be active. */
export class SessionWatch {
  readonly #api: GatewayApi;
  readonly #alive = new Map<Session, string>();
  readonly #onInactive: (message: string) => void;
  readonly #timer: NodeJS.Timeout;
  #looks = 0;
  #inactive = 0;

  constructor(api: GatewayApi, onInactive: (message: string) => void, intervalMs = 1_000) {
    this.#api = api;
    this.#onInactive = onInactive;
    this.#timer = setInterval(() => void this.#look(), intervalMs);
  }

  /** How often a session was looked at, and how often one was not active. */
  get counts(): { readonly looks: number; readonly inactive: number } {
    return { looks: this.#looks, inactive: this.#inactive };
  }

  watch(session: Session, name: string, alive: boolean): void {
    if (alive) this.#alive.set(session, name);
    else this.#alive.delete(session);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    await Promise.all([...this.#alive].map(([session, name]) => this.#lookAt(session, name)));
  }

  async #lookAt(session: Session, name: string): Promise<void> {
    let seen: string;
    try {
      const { state, endReason } = await this.#api.lookUp(session);
      seen = state === 'active' ? '' : `${state} (${endReason ?? 'no reason'})`;
    } catch (error) {
      seen = error instanceof Error ? error.message : String(error);
    }
    // Meanwhile its final line may have been sent.
    if (!this.#alive.has(session)) return;
    this.#looks++;
    if (seen === '') return;
    this.#inactive++;
    this.#onInactive(`${name}: ${seen} in the middle of the recording`);
  }
}
