import { apiVersionsApi } from '@playhead/kafka-protocol';
import { RawClient } from '@playhead/embedded-kafka/testing';
import { createTopic } from '../one-partition.ts';
import { seededRandom } from '../seeded-random.ts';
import { Attacker, type Outcome } from './attacker.ts';
import { BrokerUnderAttack } from './broker-under-attack.ts';
import { clearBroker } from './clear-broker.ts';
import { type GoodFrame, goodFrames, TARGET } from './good-frames.ts';
import { MUTATIONS } from './mutations.ts';
import { Pinger } from './pinger.ts';
import { SteadyClient } from './steady-client.ts';

/** What an attack consists of. */
export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  /** Connections that attack at a time. */
  readonly connections?: number;
}

/** What came of it. */
export interface FuzzReport {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Frames of an API in a version that were used at least once. */
  readonly frameKinds: number;
  readonly steadyRecords: number;
  readonly steadyLongestMs: number;
  readonly memoryBeforeBytes: number;
  readonly memoryAfterBytes: number;
}

/** So many frames go before memory is looked at first: caches fill, code is compiled. */
const WARM_UP_FRAMES = 2000;
const CONNECTIONS = 64;

/**
 * Attacks a broker of its own with bad frames. Rejects when the broker ends, takes no connections any more, or does a well-behaved client beside the
 * attack any wrong; the report says how much memory is reachable before and after, with topics and groups that the frames made deleted.
 */
export async function fuzz({ frames, seed, connections = CONNECTIONS }: FuzzOptions): Promise<FuzzReport> {
  const broker = await BrokerUnderAttack.start();
  try {
    const good = await prepare(broker.port);
    const attack = (count: number, from: number) =>
      Promise.race([attackWith(good, broker.port, count, seed + from, connections), broker.exited]);
    await attack(Math.min(frames, WARM_UP_FRAMES), 1_000_003);
    await clearBroker(broker.port, [TARGET]);
    const memoryBeforeBytes = await broker.memoryBytes();
    const steady = await SteadyClient.start(broker.port);
    const outcomes = await Promise.race([
      attack(frames, 0),
      steady.running.then(() => Promise.reject(new Error('stopped'))),
    ]);
    await steady.stop();
    await clearBroker(broker.port, [TARGET, 'steady']);
    const memoryAfterBytes = await broker.memoryBytes();
    await broker.restart();
    await steady.checkAll(broker.port);
    return {
      outcomes,
      frameKinds: good.length,
      steadyRecords: steady.records,
      steadyLongestMs: steady.longestMs,
      memoryBeforeBytes,
      memoryAfterBytes,
    };
  } finally {
    await broker.close();
  }
}

async function prepare(port: number): Promise<readonly GoodFrame[]> {
  const client = await RawClient.connect(port);
  await createTopic(client, TARGET, 1);
  const { apiKeys } = await client.send(apiVersionsApi, 3, { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' });
  await client.close();
  return goodFrames(apiKeys);
}

async function attackWith(
  good: readonly GoodFrame[],
  port: number,
  frames: number,
  seed: number,
  connections: number,
): Promise<Record<Outcome, number>> {
  const random = seededRandom(seed);
  const mutations = Object.values(MUTATIONS);
  const outcomes: Record<Outcome, number> = { answered: 0, refused: 0, waiting: 0 };
  const pinger = await Pinger.start(port);
  let made = 0;
  const worker = async (): Promise<void> => {
    const attacker = new Attacker(port, pinger);
    while (made < frames) {
      // Every kind of frame in turn, so that a short run has them all.
      const { frame } = good[made++ % good.length]!;
      outcomes[await attacker.send(random.pick(mutations)(Buffer.from(frame), random))]++;
    }
    attacker.close();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  await pinger.stop();
  return outcomes;
}
