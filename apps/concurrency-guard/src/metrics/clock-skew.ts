/** Gateways that are told apart; further ones share the last place. */
const MAX_GATEWAYS = 64;
/** A gateway's clock is judged by its records of one to two of these. */
const GENERATION_MS = 60_000;

interface Ahead {
  generation: number;
  current: number;
  previous: number;
}

/**
 * How far apart the clocks of gateways are, from the received times in their records. A record's received time minus the
 * time it is processed at is the gateway's clock against ours, less the way here; the greatest of a minute is that of the
 * shortest way, which is nearly the same for all. So the difference of the greatest is the difference of the clocks.
 */
export class ClockSkew {
  readonly #gateways = new Map<string, Ahead>();

  /** A record of `gateway` that it received at `receivedMs` is processed at `nowMs`. */
  seen(gateway: string, receivedMs: number, nowMs: number): void {
    const ahead = receivedMs - nowMs;
    const generation = Math.floor(nowMs / GENERATION_MS);
    const name = this.#gateways.has(gateway) || this.#gateways.size < MAX_GATEWAYS ? gateway : '';
    const known = this.#gateways.get(name);
    if (known === undefined) {
      this.#gateways.set(name, { generation, current: ahead, previous: -Infinity });
      return;
    }
    if (known.generation !== generation) {
      known.previous = known.generation === generation - 1 ? known.current : -Infinity;
      known.current = -Infinity;
      known.generation = generation;
    }
    if (ahead > known.current) known.current = ahead;
  }

  /** Greatest difference between two gateways that reported lately, ms; 0 for fewer than two. Those that are gone are forgotten. */
  skewMs(nowMs: number): number {
    const oldest = Math.floor(nowMs / GENERATION_MS) - 1;
    for (const [gateway, { generation }] of this.#gateways) if (generation < oldest) this.#gateways.delete(gateway);
    const ahead = [...this.#gateways.values()].map(({ current, previous }) => Math.max(current, previous));
    return ahead.length < 2 ? 0 : Math.max(...ahead) - Math.min(...ahead);
  }
}
