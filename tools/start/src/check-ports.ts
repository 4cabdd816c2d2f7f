import { createServer } from 'node:http';
import { closeServer, listen } from '@playhead/service-kit/process';
import type { ListenOptions } from '@playhead/service-kit/process';
import type { StartSettings } from './start-settings.ts';

const LOOPBACK = '127.0.0.1';

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
 * taken back. Throws an `AggregateError` of `ServiceError`s, one per port, each naming its setting.
 */
export async function checkPorts(settings: StartSettings): Promise<void> {
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
  if (errors.length > 0) throw new AggregateError(errors, 'ports cannot be opened');
}
