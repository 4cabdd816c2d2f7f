import { createServer } from 'node:http';
import { closeServer, listen } from '@playhead/service-kit/process';
import type { StartSettings } from './start-settings.ts';

/** The ports that will be opened, by the setting that names each. */
export function portsOf(settings: StartSettings): readonly (readonly [setting: string, port: number])[] {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = settings;
  return [
    ['GATEWAY_PORT', settings.GATEWAY_PORT],
    ['GATEWAY_ADMIN_PORT', settings.GATEWAY_ADMIN_PORT],
    ['CONCURRENCY_GUARD_ADMIN_PORT', settings.CONCURRENCY_GUARD_ADMIN_PORT],
    ...(KAFKA_BROKERS === undefined ? ([['KAFKA_PORT', settings.KAFKA_PORT]] as const) : []),
    ...(SCHEMA_REGISTRY_URL === undefined ? ([['SCHEMA_REGISTRY_PORT', settings.SCHEMA_REGISTRY_PORT]] as const) : []),
  ];
}

/**
 * Opens and closes every port before anything is started, so that a port in use is said at once and nothing has to be
 * taken back. Throws `ServiceError` naming the setting.
 */
export async function checkPorts(settings: StartSettings): Promise<void> {
  for (const [setting, port] of portsOf(settings)) {
    const server = createServer();
    await listen(server, { port, host: settings.BIND_ADDRESS, setting });
    await closeServer(server, 0);
  }
}
