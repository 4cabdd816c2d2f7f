import { join } from 'node:path';
import type { Environment } from '@playhead/service-kit/process';
import type { BrokerInfo } from './broker-process.ts';
import type { ChildSpec } from './child.ts';
import type { Family } from './family.ts';
import type { ServicesInfo } from './services.ts';
import type { StartSettings } from './start-settings.ts';

/** Where everything is, once it runs. */
export interface Addresses {
  readonly gateway: string;
  readonly gatewayAdmin: string;
  readonly guardAdmin: string;
  readonly brokers: string;
  readonly registry: string;
}

/** Together below the 5 s in which Ctrl-C has to be done. */
const STOP_MS = { broker: 1_200, services: 2_500, simulators: 800 };

/** Starts broker and registry, then the services, then the simulated viewers; each when the one before is ready. */
export async function startPlayhead(family: Family, settings: StartSettings, env: Environment): Promise<Addresses> {
  const common = { ...env, PLAYHEAD_DATA_DIR: settings.PLAYHEAD_DATA_DIR, LOG_LEVEL: settings.LOG_LEVEL };
  const embedded = await startEmbedded(family, settings, common);
  const connected = { ...common, ...embedded };
  const services = (await family.start({
    ...program('services', 'services-process.ts'),
    env: { ...connected, SHUTDOWN_TIMEOUT_MS: String(STOP_MS.services) },
    stopMs: STOP_MS.services,
  })) as ServicesInfo;
  const gateway = `http://127.0.0.1:${services.gatewayPort}`;
  if (settings.SIMULATED_VIEWERS > 0) {
    await family.start({
      ...program('simulators', '../../simulate/src/main.ts'),
      args: simulatorArguments(gateway, settings),
      env: connected,
      stopMs: STOP_MS.simulators,
    });
  }
  return {
    gateway,
    gatewayAdmin: `http://127.0.0.1:${services.gatewayAdminPort}`,
    guardAdmin: `http://127.0.0.1:${services.guardAdminPort}`,
    brokers: connected.KAFKA_BROKERS,
    registry: connected.SCHEMA_REGISTRY_URL,
  };
}

/** What is not given as a real one is started here. */
async function startEmbedded(
  family: Family,
  settings: StartSettings,
  env: Environment,
): Promise<{ KAFKA_BROKERS: string; SCHEMA_REGISTRY_URL: string; AUTO_REGISTER_SCHEMAS: string }> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, AUTO_REGISTER_SCHEMAS } = settings;
  const given = { KAFKA_BROKERS: KAFKA_BROKERS?.join(','), SCHEMA_REGISTRY_URL };
  const autoRegister = String(AUTO_REGISTER_SCHEMAS ?? SCHEMA_REGISTRY_URL === undefined);
  if (given.KAFKA_BROKERS !== undefined && given.SCHEMA_REGISTRY_URL !== undefined) {
    return {
      KAFKA_BROKERS: given.KAFKA_BROKERS,
      SCHEMA_REGISTRY_URL: given.SCHEMA_REGISTRY_URL,
      AUTO_REGISTER_SCHEMAS: autoRegister,
    };
  }
  const broker = (await family.start({
    ...program('broker', 'broker-process.ts'),
    env,
    stopMs: STOP_MS.broker,
  })) as BrokerInfo;
  return {
    KAFKA_BROKERS: given.KAFKA_BROKERS ?? `127.0.0.1:${broker.port}`,
    SCHEMA_REGISTRY_URL: given.SCHEMA_REGISTRY_URL ?? `http://127.0.0.1:${broker.registryPort}`,
    AUTO_REGISTER_SCHEMAS: autoRegister,
  };
}

function simulatorArguments(gateway: string, settings: StartSettings): readonly string[] {
  const viewers = ['--gateway', gateway, '--viewers', String(settings.SIMULATED_VIEWERS)];
  return settings.SIMULATION_SEED === undefined ? viewers : [...viewers, '--seed', settings.SIMULATION_SEED];
}

const program = (name: string, file: string): Pick<ChildSpec, 'name' | 'program'> => ({
  name,
  program: join(import.meta.dirname, file),
});
