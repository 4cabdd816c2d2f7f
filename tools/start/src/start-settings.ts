import { dirname, isAbsolute, join } from 'node:path';
import {
  boolean,
  defineSettings,
  int,
  list,
  loadSettings,
  oneOf,
  optional,
  port,
  sharedSettings,
  string,
  url,
  LOG_LEVELS,
} from '@playhead/service-kit/process';
import type { Environment, SettingValues } from '@playhead/service-kit/process';

/** The repository's root, to which a relative data directory belongs wherever the command is typed. */
const REPOSITORY = dirname(dirname(dirname(import.meta.dirname)));

/** What `npm start` itself reads; the services read the rest from the same environment. */
export const startSettings = defineSettings({
  GATEWAY_PORT: port('Port of the REST API and of the page.', 8080),
  KAFKA_PORT: port('Port of the embedded broker.', 9092),
  SCHEMA_REGISTRY_PORT: port('Port of the embedded schema registry.', 8081),
  GATEWAY_ADMIN_PORT: port('Port of health, metrics and internal calls of the gateway.', 8090),
  CONCURRENCY_GUARD_ADMIN_PORT: port('Port of health, metrics and internal calls of the concurrency guard.', 8091),
  PLAYHEAD_DATA_DIR: sharedSettings.PLAYHEAD_DATA_DIR,
  BIND_ADDRESS: sharedSettings.BIND_ADDRESS,
  SIMULATED_VIEWERS: int('Simulated viewers; 0 for none.', 200, { min: 0, max: 100_000 }),
  SIMULATION_SEED: optional(string('Seed of the simulated viewers; without it a new one each time.')),
  KAFKA_BROKERS: optional(list('Kafka brokers, host:port; without it the embedded broker is started.')),
  SCHEMA_REGISTRY_URL: optional(url('Schema registry; without it the embedded one is started.')),
  AUTO_REGISTER_SCHEMAS: optional(boolean('Register schemas that the registry does not have.')),
  LOG_LEVEL: oneOf('Least level that is logged.', LOG_LEVELS, 'warn'),
});

/** The values of the settings of `npm start`. */
export type StartSettings = SettingValues<typeof startSettings>;

/** Reads the settings; the data directory becomes absolute. Throws `ConfigError`. */
export function loadStartSettings(env: Environment): StartSettings {
  const settings = loadSettings(startSettings, env);
  const { PLAYHEAD_DATA_DIR: directory } = settings;
  return { ...settings, PLAYHEAD_DATA_DIR: isAbsolute(directory) ? directory : join(REPOSITORY, directory) };
}
