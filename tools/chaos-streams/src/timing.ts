import { join } from 'node:path';
import type { InstanceSettings, StateSettings } from './application/instance-settings.ts';
import type { ChaosOptions } from './options.ts';

/** Of three instances that share the load without faults. Less is measured: after many a fault the load waits, and commits go on. */
const RECORDS_PER_COMMIT = 2_000;
const INSTANCES = 3;
/** Longer than an instance takes to be there again, also on a busy machine: its tasks stay its own. */
const IN_PLACE_SESSION_MS = 30_000;

/** Less than comes in a second, so that with standbys a task has to be warmed up where it goes. */
const SMALL_LAG = 100;

/** What the instances of a run have in common. */
export interface RunPlace {
  readonly directory: string;
  readonly applicationId: string;
  /** Of the proxy. */
  readonly port: number;
  /** Where there is one. */
  readonly redisUrl: string | undefined;
}

/** What the instances of a run are started with, by name. */
export function instanceSettings(
  { guarantee, timeScale, rate, store, inPlace, standbys }: ChaosOptions,
  { directory, applicationId, port, redisUrl }: RunPlace,
): (name: string, slot: number) => InstanceSettings {
  const commitIntervalMs = Math.round((RECORDS_PER_COMMIT * INSTANCES * 1_000) / rate);
  const sessionTimeoutMs = inPlace ? IN_PLACE_SESSION_MS : Math.round(10_000 * timeScale);
  return (name, slot) => ({
    clientId: name,
    applicationId,
    port,
    guarantee,
    state: stateOf(store, join(directory, 'state', String(slot)), redisUrl),
    groupInstanceId: inPlace ? `slot-${slot}` : undefined,
    numStandbyReplicas: standbys,
    acceptableRecoveryLag: standbys > 0 ? SMALL_LAG : undefined,
    commitIntervalMs,
    sessionTimeoutMs,
    rebalanceTimeoutMs: Math.max(5_000, 3 * sessionTimeoutMs),
    transactionTimeoutMs: Math.max(5_000, sessionTimeoutMs, 2 * commitIntervalMs),
    retryTimeoutMs: 120_000,
    closeTimeoutMs: 10_000,
    journals: { beats: join(directory, `${name}.beats`), countries: join(directory, `${name}.countries`) },
    logFile: join(directory, `${name}.log`),
  });
}

function stateOf(store: ChaosOptions['store'], stateDir: string, redisUrl: string | undefined): StateSettings {
  if (store === 'lmdb') return { lmdb: { stateDir } };
  return store === 'redis' && redisUrl !== undefined ? { redis: { url: redisUrl } } : 'memory';
}
