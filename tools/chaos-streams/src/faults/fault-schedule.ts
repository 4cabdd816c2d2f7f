import type { BrokerUnderTest } from '../broker/broker-under-test.ts';
import type { Instances } from '../instances.ts';
import type { TcpProxy } from '../proxy/tcp-proxy.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What is done to the application, and how often. */
export const FAULTS = ['kills', 'freezes', 'cuts', 'broker-restarts', 'removed', 'added'] as const;

export type Fault = (typeof FAULTS)[number];

const WEIGHTS: Readonly<Record<Fault, number>> = {
  kills: 16,
  freezes: 4,
  cuts: 3,
  'broker-restarts': 2,
  removed: 2,
  added: 2,
};
const FEWEST = 2;
const USUAL = 3;
const MOST = 4;

/** What faults are done to. */
export interface FaultTargets {
  readonly instances: Instances;
  readonly broker: BrokerUnderTest;
  readonly proxy: TcpProxy;
  readonly random: SeededRandom;
  readonly sessionTimeoutMs: number;
}

/** Does the faults, one after the other; what ends later (a freeze, say) does so by itself. */
export class FaultSchedule {
  readonly counts: Record<Fault, number> = {
    kills: 0,
    freezes: 0,
    cuts: 0,
    'broker-restarts': 0,
    removed: 0,
    added: 0,
  };
  readonly #targets: FaultTargets;
  readonly #later = new Set<NodeJS.Timeout>();
  readonly #wake = new Set<() => void>();

  constructor(targets: FaultTargets) {
    this.#targets = targets;
  }

  /** One fault, which one the seed says. Resolves when it is done, not when it is over. */
  async next(): Promise<Fault> {
    const { instances, broker } = this.#targets;
    const possible = FAULTS.filter((fault) => {
      if (fault === 'broker-restarts') return broker.restart !== undefined;
      if (fault === 'added') return instances.count < MOST;
      return fault !== 'removed' || instances.count > FEWEST;
    });
    const fault = this.#choose(possible);
    await this.#do[fault]();
    this.counts[fault]++;
    return fault;
  }

  /** Lets everything frozen go on, and has three instances again. */
  end(): void {
    this.close();
    for (const wake of this.#wake) wake();
    this.#wake.clear();
    const { instances } = this.#targets;
    while (instances.count < USUAL) instances.start();
  }

  /** Nothing happens later any more. */
  close(): void {
    for (const timer of this.#later) clearTimeout(timer);
    this.#later.clear();
  }

  readonly #do: Readonly<Record<Fault, () => Promise<void> | void>> = {
    kills: () => {
      const { instances, random, sessionTimeoutMs } = this.#targets;
      instances.kill((all) => random.pick(all));
      if (random.next() < 0.7) instances.start();
      else this.#after(random.below(2 * sessionTimeoutMs), () => instances.start());
    },
    freezes: () => {
      const { instances, random, sessionTimeoutMs } = this.#targets;
      const wake = instances.freeze((all) => random.pick(all));
      if (wake === undefined) return;
      this.#wake.add(wake);
      this.#after(sessionTimeoutMs * (1.2 + 2 * random.next()), () => {
        this.#wake.delete(wake);
        wake();
      });
    },
    cuts: () => {
      const { proxy, random, sessionTimeoutMs } = this.#targets;
      const share = random.pick([0.2, 0.5, 1]);
      proxy.cut(() => random.next() < share, random.pick([0, 0, sessionTimeoutMs / 4, sessionTimeoutMs * 1.5]));
    },
    'broker-restarts': async () => {
      const { broker, proxy } = this.#targets;
      await broker.restart?.();
      proxy.brokerPort = broker.port;
    },
    removed: () => this.#targets.instances.remove((all) => this.#targets.random.pick(all)),
    added: () => this.#targets.instances.start(),
  };

  #choose(possible: readonly Fault[]): Fault {
    const total = possible.reduce((sum, fault) => sum + WEIGHTS[fault], 0);
    let left = this.#targets.random.next() * total;
    for (const fault of possible) {
      left -= WEIGHTS[fault];
      if (left < 0) return fault;
    }
    return 'kills';
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#later.delete(timer);
      action();
    }, ms);
    this.#later.add(timer);
  }
}
