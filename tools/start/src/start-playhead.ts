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

/**
 * Starts broker and registry, then the services, then the simulated viewers, each when the one before is ready. Only the
 * services load their modules earlier, while the broker starts.
 */
export async function startPlayhead(family: Family, settings: StartSettings, env: Environment): Promise<Addresses> {
  const common = { ...env, PLAYHEAD_DATA_DIR: settings.PLAYHEAD_DATA_DIR, LOG_LEVEL: settings.LOG_LEVEL };
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = settings;
  const embedded = KAFKA_BROKERS === undefined || SCHEMA_REGISTRY_URL === undefined;
  const broker = embedded
    ? family.spawn({ ...program('broker', 'broker-process.ts'), env: common, stopMs: STOP_MS.broker })
    : undefined;
  const services = family.spawn({
    ...program('services', 'services-process.ts'),
    // A restart goes on where the state is: see `state` under the data directory.
    env: { STREAMS_STATE: 'lmdb', ...common, SHUTDOWN_TIMEOUT_MS: String(STOP_MS.services) },
    stopMs: STOP_MS.services,
  });
  const brokerInfo = broker === undefined ? undefined : ((await family.ready(broker)) as BrokerInfo);
  if (broker !== undefined && brokerInfo !== undefined) family.keep(broker, portsOf(brokerInfo));
  const connection = connectionTo(settings, brokerInfo);
  services.complete(connection);
  const info = (await family.ready(services)) as ServicesInfo;
  family.keep(services, {
    GATEWAY_PORT: String(info.gatewayPort),
    GATEWAY_ADMIN_PORT: String(info.gatewayAdminPort),
    CONCURRENCY_GUARD_ADMIN_PORT: String(info.guardAdminPort),
  });
  const gateway = addressOf(settings, info.gatewayPort);
  if (settings.SIMULATED_VIEWERS > 0) {
    const simulators = family.spawn({
      ...program('simulators', '../../simulate/src/main.ts'),
      args: simulatorArguments(gateway, settings),
      env: { ...common, ...connection },
      stopMs: STOP_MS.simulators,
    });
    await family.ready(simulators);
  }
  return {
    gateway,
    gatewayAdmin: addressOf(settings, info.gatewayAdminPort),
    guardAdmin: addressOf(settings, info.guardAdminPort),
    brokers: connection.KAFKA_BROKERS,
    registry: connection.SCHEMA_REGISTRY_URL,
  };
}

const portsOf = ({ port, registryPort }: BrokerInfo): Environment => ({
  KAFKA_PORT: String(port),
  SCHEMA_REGISTRY_PORT: String(registryPort),
});

/** Where broker and registry are: what is not given as a real one is the embedded one. */
function connectionTo(settings: StartSettings, embedded: BrokerInfo | undefined) {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL, AUTO_REGISTER_SCHEMAS } = settings;
  return {
    KAFKA_BROKERS: KAFKA_BROKERS?.join(',') ?? `127.0.0.1:${embedded?.port}`,
    SCHEMA_REGISTRY_URL: SCHEMA_REGISTRY_URL ?? `http://127.0.0.1:${embedded?.registryPort}`,
    AUTO_REGISTER_SCHEMAS: String(AUTO_REGISTER_SCHEMAS ?? SCHEMA_REGISTRY_URL === undefined),
  };
}

/** Under which address this machine reaches a port that may be open on all of its addresses. */
function addressOf({ BIND_ADDRESS }: StartSettings, port: number): string {
  if (['0.0.0.0', '::'].includes(BIND_ADDRESS)) return `http://127.0.0.1:${port}`;
  return `http://${BIND_ADDRESS.includes(':') ? `[${BIND_ADDRESS}]` : BIND_ADDRESS}:${port}`;
}

function simulatorArguments(gateway: string, settings: StartSettings): readonly string[] {
  const viewers = ['--gateway', gateway, '--viewers', String(settings.SIMULATED_VIEWERS)];
  return settings.SIMULATION_SEED === undefined ? viewers : [...viewers, '--seed', settings.SIMULATION_SEED];
}

const program = (name: string, file: string): Pick<ChildSpec, 'name' | 'program'> => ({
  name,
  program: join(import.meta.dirname, file),
});
