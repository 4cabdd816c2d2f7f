import { join } from 'node:path';
import type { InstanceSettings } from './application/instance-settings.ts';
import type { ChaosOptions } from './options.ts';

/** Of three instances that share the load; with the rate it decides how many records are in a commit. */
const RECORDS_PER_COMMIT = 250;
const INSTANCES = 3;

/** What the instances of a run are started with, by name. */
export function instanceSettings(
  { guarantee, timeScale, rate }: ChaosOptions,
  directory: string,
  applicationId: string,
  port: number,
): (name: string) => InstanceSettings {
  const sessionTimeoutMs = Math.round(10_000 * timeScale);
  return (name) => ({
    clientId: name,
    applicationId,
    port,
    guarantee,
    commitIntervalMs: Math.round((RECORDS_PER_COMMIT * INSTANCES * 1_000) / rate),
    sessionTimeoutMs,
    rebalanceTimeoutMs: Math.max(5_000, 3 * sessionTimeoutMs),
    transactionTimeoutMs: Math.max(5_000, sessionTimeoutMs),
    retryTimeoutMs: 120_000,
    closeTimeoutMs: 10_000,
    journals: { beats: join(directory, `${name}.beats`), countries: join(directory, `${name}.countries`) },
    logFile: join(directory, `${name}.log`),
  });
}
