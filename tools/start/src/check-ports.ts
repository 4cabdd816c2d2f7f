import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { closeServer, listen } from '@playhead/service-kit/process';
import type { ListenOptions } from '@playhead/service-kit/process';
import type { StartSettings } from './start-settings.ts';

const LOOPBACK = '127.0.0.1';
/** How long children of a start that was killed may take to notice. */
const ORPHANS_MS = 2_000;
const LOOK_AGAIN_MS = 50;

/** The ports that will be opened. */
export function portsOf(settings: StartSettings): readonly ListenOptions[] {
  const host = settings.BIND_ADDRESS;
  const services = (['GATEWAY_PORT', 'GATEWAY_ADMIN_PORT', 'CONCURRENCY_GUARD_ADMIN_PORT'] as const).map((setting) => {
    return { setting, port: settings[setting], host };
  });
  const { KAFKA_BROKERS, KAFKA_PORT, SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_PORT } = settings;
  const broker = { setting: 'KAFKA_PORT', port: KAFKA_PORT, host: LOOPBACK };
  const registry = { setting: 'SCHEMA_REGISTRY_PORT', port: SCHEMA_REGISTRY_PORT, host: LOOPBACK };
  return [
    ...services,
    ...(KAFKA_BROKERS === undefined ? [broker] : []),
    ...(SCHEMA_REGISTRY_URL === undefined ? [registry] : []),
  ];
}

/**
 * Opens and closes every port before anything is started, so that a port in use is said at once and nothing has to be
 * taken back. A port in use is looked at for 2 s more: children of a start that was killed a moment ago have it until they
 * have ended. False when it was to stop meanwhile (`stopped`). Throws an `AggregateError` of `ServiceError`s, one per port,
 * each naming its setting.
 */
export async function checkPorts(settings: StartSettings, stopped: Promise<unknown>): Promise<boolean> {
  const isStopped = stopped.then(() => true);
  const giveUpAt = performance.now() + ORPHANS_MS;
  let problems = await portProblems(settings);
  while (problems.length > 0 && performance.now() < giveUpAt) {
    if (await Promise.race([isStopped, setTimeout(LOOK_AGAIN_MS, false)])) return false;
    problems = await portProblems(settings);
  }
  if (problems.length > 0) throw new AggregateError(problems, 'ports cannot be opened');
  return true;
}

async function portProblems(settings: StartSettings): Promise<readonly unknown[]> {
  const errors: unknown[] = [];
  for (const options of portsOf(settings)) {
    const server = createServer();
    try {
      await listen(server, options);
      await closeServer(server, 0);
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
