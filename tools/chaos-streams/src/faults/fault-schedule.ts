import {
  addPartitionsToTxnApi,
  endTxnApi,
  offsetCommitApi,
  produceApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';
import type { BrokerUnderTest } from '../broker/broker-under-test.ts';
import type { Instances, Pick } from '../instances.ts';
import type { CaughtRequest, TcpProxy } from '../proxy/tcp-proxy.ts';
import type { RedisUnderTest } from '../redis-server.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** What is done to the application, and how often. */
export const FAULTS = [
  'kills',
  'freezes',
  'caught',
  'cuts',
  'broker-restarts',
  'redis-restarts',
  'removed',
  'added',
] as const;

export type Fault = (typeof FAULTS)[number];

const WEIGHTS: Readonly<Record<Fault, number>> = {
  kills: 16,
  freezes: 4,
  caught: 10,
  cuts: 3,
  'broker-restarts': 2,
  'redis-restarts': 2,
  removed: 2,
  added: 2,
};
/** Requests in whose flight instances are caught, the likelier ones more than once. Not Produce with at_least_once: nothing refuses a batch that was on its way for longer than a session. */
const CAUGHT = {
  exactly_once: [
    txnOffsetCommitApi.key,
    txnOffsetCommitApi.key,
    endTxnApi.key,
    endTxnApi.key,
    addPartitionsToTxnApi.key,
    produceApi.key,
  ],
  at_least_once: [offsetCommitApi.key],
} as const;
/** What becomes of who was caught. */
const ENDINGS = ['frozen before the broker has it', 'frozen before the answer', 'killed', 'unanswered'] as const;
const CATCH_TIMEOUT_MS = 5_000;
const FEWEST = 2;
const USUAL = 3;
const MOST = 4;

/** What faults are done to. */
export interface FaultTargets {
  readonly instances: Instances;
  readonly broker: BrokerUnderTest;
  readonly redis: RedisUnderTest | undefined;
  readonly proxy: TcpProxy;
  readonly random: SeededRandom;
  readonly sessionTimeoutMs: number;
  readonly guarantee: keyof typeof CAUGHT;
  /** Only kills: what leaves everybody their tasks. */
  readonly inPlace: boolean;
}

/** Does the faults, one after the other; what ends later (a freeze, say) does so by itself. */
export class FaultSchedule {
  readonly counts: Record<Fault, number> = {
    kills: 0,
    freezes: 0,
    caught: 0,
    cuts: 0,
    'broker-restarts': 0,
    'redis-restarts': 0,
    removed: 0,
    added: 0,
  };
  readonly #targets: FaultTargets;
  readonly #later = new Set<NodeJS.Timeout>();
  readonly #ends = new Set<() => void>();

  constructor(targets: FaultTargets) {
    this.#targets = targets;
  }

  /** One fault, which one the seed says. Resolves when it is done, not when it is over. */
  async next(): Promise<Fault> {
    const { instances, broker, redis, inPlace } = this.#targets;
    const possible = FAULTS.filter((fault) => {
      if (inPlace) return fault === 'kills';
      if (fault === 'broker-restarts') return broker.restart !== undefined;
      if (fault === 'redis-restarts') return redis !== undefined;
      if (fault === 'added') return instances.count < MOST;
      return fault !== 'removed' || instances.count > FEWEST;
    });
    const fault = this.#choose(possible);
    if ((await this.#do[fault]()) !== false) this.counts[fault]++;
    return fault;
  }

  /** Lets everything frozen go on, and has three instances again. */
  end(): void {
    this.close();
    for (const end of this.#ends) end();
    this.#ends.clear();
    const { instances } = this.#targets;
    while (instances.count < USUAL) instances.start();
  }

  /** Nothing happens later any more. */
  close(): void {
    for (const timer of this.#later) clearTimeout(timer);
    this.#later.clear();
  }

  readonly #do: Readonly<Record<Fault, () => Promise<boolean | void> | boolean | void>> = {
    kills: async () => {
      const { instances, random, sessionTimeoutMs, inPlace } = this.#targets;
      const afterMs = random.next() < 0.7 || inPlace ? 0 : random.below(2 * sessionTimeoutMs);
      await instances.kill((all) => random.pick(all));
      if (afterMs === 0) instances.start();
      else this.#after(afterMs, () => instances.start());
    },
    freezes: () => {
      const { instances, random } = this.#targets;
      const forMs = this.#beyondSession();
      const wake = instances.freeze((all) => random.pick(all));
      if (wake === undefined) return false;
      this.#endAfter(forMs, wake);
      return true;
    },
    caught: async () => {
      const { proxy, random, guarantee } = this.#targets;
      const key = random.pick<number>(CAUGHT[guarantee]);
      const ending = random.pick(ENDINGS);
      const forMs = this.#beyondSession();
      const signal = AbortSignal.timeout(CATCH_TIMEOUT_MS);
      const request = await proxy.catchNext(
        ({ apiKey, clientId }) => apiKey === key && clientId.startsWith('instance-'),
        signal,
      );
      return request !== undefined && (await this.#endCaught(request, ending, forMs));
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
    'redis-restarts': () => this.#targets.redis?.restart(),
    removed: () => this.#targets.instances.remove((all) => this.#targets.random.pick(all)),
    added: () => this.#targets.instances.start(),
  };

  async #endCaught(request: CaughtRequest, ending: (typeof ENDINGS)[number], forMs: number): Promise<boolean> {
    const { instances } = this.#targets;
    const sender: Pick = (all) => all.find(({ name }) => name === request.clientId);
    if (ending === 'unanswered') {
      request.releaseWithoutAnswer();
      return true;
    }
    if (ending === 'killed') {
      const isKilled = await instances.kill(sender);
      if (isKilled) {
        this.counts.kills++;
        instances.start();
      }
      this.#endAfter(isKilled ? forMs : 0, () => request.release());
      return isKilled;
    }
    const wake = instances.freeze(sender);
    if (wake === undefined || ending === 'frozen before the answer') request.release();
    if (wake === undefined) return false;
    this.#endAfter(forMs, () => {
      request.release();
      wake();
    });
    return true;
  }

  #beyondSession(): number {
    const { random, sessionTimeoutMs } = this.#targets;
    return sessionTimeoutMs * (1.2 + 2 * random.next());
  }

  /** Ends what a fault has begun, after a time or with the faults. */
  #endAfter(ms: number, end: () => void): void {
    this.#ends.add(end);
    this.#after(ms, () => {
      this.#ends.delete(end);
      end();
    });
  }

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
