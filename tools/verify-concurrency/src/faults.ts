import type { SeededRandom } from '@playhead/chaos-streams/testing';
import type { Span } from './checks/holds.ts';
import type { RunClock } from './clients/clock.ts';
import type { PlayheadSystem } from './system/playhead-system.ts';

/** What is done to the system. */
export const FAULTS = ['guard-kills', 'guard-restarts', 'guard-freezes', 'gateway-kills', 'broker-restarts'] as const;

/** One of {@link FAULTS}. */
export type Fault = (typeof FAULTS)[number];

const WEIGHTS: Readonly<Record<Fault, number>> = {
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

/** Does faults until the run is over, the next one whether or not the system has come back; resolves when everything serves again. */
export class FaultSchedule {
  readonly counts: Record<Fault, number> = {
    'guard-kills': 0,
    'guard-restarts': 0,
    'guard-freezes': 0,
    'gateway-kills': 0,
    'broker-restarts': 0,
  };
  /** When the broker was ended until it served again. */
  readonly brokerAway: Span[] = [];
  readonly #system: PlayheadSystem;
  readonly #clock: RunClock;
  readonly #random: SeededRandom;

  constructor(system: PlayheadSystem, clock: RunClock, random: SeededRandom) {
    this.#system = system;
    this.#clock = clock;
    this.#random = random;
  }

  async run(): Promise<void> {
    const { intervalMs } = this.#system.times;
    const { least, most } = PAUSE_INTERVALS;
    const underWay: Promise<void>[] = [];
    for (;;) {
      await this.#clock.pause(intervalMs * (least + (most - least) * this.#random.next()));
      if (this.#clock.isOver) break;
      underWay.push(this.#do(this.#choose()));
    }
    await Promise.all(underWay);
  }

  async #do(fault: Fault): Promise<void> {
    const { guards, gateways, times } = this.#system;
    this.counts[fault]++;
    if (fault === 'broker-restarts') await this.#restartBroker();
    else if (fault === 'gateway-kills') await this.#random.pick(gateways).kill();
    else {
      const guard = this.#random.pick(guards);
      if (fault === 'guard-kills') await guard.kill();
      else if (fault === 'guard-restarts') await guard.restart();
      else await guard.freeze(times.sessionTimeoutMs * FREEZE_SESSIONS);
    }
  }

  async #restartBroker(): Promise<void> {
    const from = Date.now();
    await this.#system.restartBroker();
    // One that was asked for while another was under way is counted from the end of that.
    this.brokerAway.push({ from: Math.max(from, this.brokerAway.at(-1)?.to ?? 0), to: Date.now() });
  }

  #choose(): Fault {
    const all = FAULTS.flatMap((fault) => Array.from({ length: WEIGHTS[fault] }, () => fault));
    return this.#random.pick(all);
  }
}
