import type { SettingsShape } from '../settings/setting.ts';
import type { RunningService, ServiceDefinition, ServiceOverrides } from './service-definition.ts';

/**
 * Starts a service: settings, logger, metrics, admin port, topics, then the topology or the plain service itself.
 * Resolves when its ports are open; `ready` follows. Throws `ConfigError` for settings, `ServiceError` for a port in use
 * or a topic with another partition count.
 */
export async function runService<S extends SettingsShape, L = undefined>(
  _definition: ServiceDefinition<S, L>,
  _overrides: ServiceOverrides = {},
): Promise<RunningService<L>> {
  throw new Error('being written');
}
