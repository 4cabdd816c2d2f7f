import { seededRandom } from '@playhead/chaos-streams/testing';
import type { SeededRandom } from '@playhead/chaos-streams/testing';
import type { Span } from './checks/holds.ts';
import type { RunClock } from './clients/clock.ts';
import type { ManagedProcess } from './system/managed-process.ts';
import type { PlayheadSystem } from './system/playhead-system.ts';

/** What is done to the system. */
export const FAULTS = [
  'guard-kills',
  'guard-restarts',
  'guard-freezes',
  'gateway-kills',
  'broker-restarts',
  'clock-steps',
] as const;

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

const WEIGHTS: Readonly<Partial<Record<Fault, number>>> = {
  'guard-kills': 4,
  'guard-restarts': 2,
  'guard-freezes': 2,
  'gateway-kills': 4,
  'broker-restarts': 2,
};
/** A frozen guard is away for longer than its session lasts, so that another one has its accounts when it wakes. */
const FREEZE_SESSIONS = 1.5;
/** Between two faults, in beat intervals. */
const PAUSE_INTERVALS = { least: 2, most: 6 };
/** Between two steps of a clock, in beat intervals. */
const STEP_INTERVALS = { least: 0.5, most: 2 };
/** A clock is off by at most this share of the grace, so that a lease stays far longer than what clocks are off. */
const MOST_SKEW = 0.2;
/** In one of so many seeds clocks are put to and fro. */
const SKEWED_SEEDS = 3;

/** What faults are done to, and what decides them. */
export interface FaultOptions {
  readonly seed: number;
  readonly system: PlayheadSystem;
  readonly clock: RunClock;
  /** Asked as this is made, and never again: others ask it meanwhile. */
  readonly random: SeededRandom;
}

/** Does faults until the run is over, the next one whether or not the system has come back; resolves when everything serves again. */
export class FaultSchedule {
  readonly counts: Record<Fault, number> = {
    'guard-kills': 0,
    'guard-restarts': 0,
    'guard-freezes': 0,
    'gateway-kills': 0,
    'broker-restarts': 0,
    'clock-steps': 0,
  };
  /** No clock is off by more than this, to either side. */
  readonly skewMs: number;
  /** When the broker was ended until it served again. */
  readonly brokerAway: Span[] = [];
  /** When a gateway was killed until it served again. */
  readonly gatewaysAway: Span[] = [];
  readonly #system: PlayheadSystem;
  readonly #clock: RunClock;
  /** Faults and clocks have one each, so that neither depends on when the other is asked. */
  readonly #faults: SeededRandom;
  readonly #clocks: SeededRandom;

  constructor({ seed, system, clock, random }: FaultOptions) {
    this.skewMs = seed % SKEWED_SEEDS === 0 ? Math.round(system.times.graceMs * MOST_SKEW) : 0;
    this.#system = system;
    this.#clock = clock;
    this.#faults = seededRandom(random.below(2 ** 31));
    this.#clocks = seededRandom(random.below(2 ** 31));
  }

  async run(): Promise<void> {
    const underWay: Promise<void>[] = [this.#stepClocks()];
    for (;;) {
      await this.#pause(PAUSE_INTERVALS, this.#faults);
      if (this.#clock.isOver) break;
      underWay.push(this.#do(this.#choose()));
    }
    await Promise.all(underWay);
  }

  /** Puts the gateways' clocks to and fro until the run is over; then they are right again. */
  async #stepClocks(): Promise<void> {
    const { gateways } = this.#system;
    while (this.skewMs > 0 && !this.#clock.isOver) {
      this.counts['clock-steps']++;
      const offsetMs = Math.round((2 * this.#clocks.next() - 1) * this.skewMs);
      this.#system.setClock(this.#clocks.below(gateways.length), offsetMs);
      await this.#pause(STEP_INTERVALS, this.#clocks);
    }
    for (const gateway of gateways.keys()) this.#system.setClock(gateway, 0);
  }

  #pause({ least, most }: { readonly least: number; readonly most: number }, random: SeededRandom): Promise<void> {
    return this.#clock.pause(this.#system.times.intervalMs * (least + (most - least) * random.next()));
  }

  async #do(fault: Fault): Promise<void> {
    const { guards, gateways, times } = this.#system;
    this.counts[fault]++;
    if (fault === 'broker-restarts') await this.#restartBroker();
    else if (fault === 'gateway-kills') await this.#killGateway(this.#faults.pick(gateways));
    else {
      const guard = this.#faults.pick(guards);
      if (fault === 'guard-kills') await guard.kill();
      else if (fault === 'guard-restarts') await guard.restart();
      else await guard.freeze(times.sessionTimeoutMs * FREEZE_SESSIONS);
    }
  }

  async #killGateway(gateway: ManagedProcess): Promise<void> {
    const from = Date.now();
    await gateway.kill();
    this.gatewaysAway.push({ from, to: Date.now() });
  }

  async #restartBroker(): Promise<void> {
    const from = Date.now();
    await this.#system.restartBroker();
    // One that was asked for while another was under way is counted from the end of that.
    this.brokerAway.push({ from: Math.max(from, this.brokerAway.at(-1)?.to ?? 0), to: Date.now() });
  }

  #choose(): Fault {
    const all = FAULTS.flatMap((fault) => Array.from({ length: WEIGHTS[fault] ?? 0 }, () => fault));
    return this.#faults.pick(all);
  }
}
