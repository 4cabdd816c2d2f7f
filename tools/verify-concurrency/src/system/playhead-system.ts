import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Guardian, startRealBroker } from '@playhead/chaos-streams/testing';
import type { BrokerUnderTest } from '@playhead/chaos-streams/testing';
import type { IdentityProvider } from './issuer.ts';
import { ManagedProcess } from './managed-process.ts';
import { freePorts } from './ports.ts';

const APPS = join(import.meta.dirname, '../../../../apps');
const GATEWAYS = 2;
const GUARDS = 2;
/** The product's own times, scaled with the run. */
const TIMES = { HEARTBEAT_INTERVAL_MS: 10_000, HEARTBEAT_GRACE_MS: 15_000, STREAMS_SESSION_TIMEOUT_MS: 6_000 };

/** How the system is started. */
export interface SystemOptions {
  readonly directory: string;
  readonly broker: 'embedded' | 'real';
  readonly timeScale: number;
  readonly identity: IdentityProvider;
}

/** Gateways, guards and a broker, each a process of its own as in an installation. */
export interface PlayheadSystem {
  readonly gatewayUrls: readonly string[];
  readonly gateways: readonly ManagedProcess[];
  readonly guards: readonly ManagedProcess[];
  readonly brokerAddress: string;
  readonly registryUrl: string;
  /** Interval of beats, grace and session time-out in milliseconds, scaled. */
  readonly times: { readonly intervalMs: number; readonly graceMs: number; readonly sessionTimeoutMs: number };
  /** Ends the broker and starts it on its data; resolves when it serves. */
  restartBroker(): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything and resolves when every process is ready. */
export async function startSystem(options: SystemOptions): Promise<PlayheadSystem> {
  const { directory, timeScale } = options;
  const [kafkaPort, registryPort, ...rest] = await freePorts(2 + 2 * GATEWAYS + GUARDS);
  const gatewayPorts = rest.slice(0, GATEWAYS);
  const gatewayAdminPorts = rest.slice(GATEWAYS, 2 * GATEWAYS);
  const guardPorts = rest.slice(2 * GATEWAYS);
  const log = (name: string): string => join(directory, `${name}.log`);

  const host = new ManagedProcess({
    name: 'broker',
    program: join(import.meta.dirname, 'broker-host.ts'),
    args: [join(directory, 'broker'), String(options.broker === 'embedded' ? kafkaPort : 0), String(registryPort)],
    env: {},
    logFile: log('broker'),
  });
  await host.start();
  const guardian = new Guardian();
  const apache = options.broker === 'real' ? await startApache(directory, guardian) : undefined;
  const brokerAddress = `127.0.0.1:${apache?.port ?? kafkaPort}`;
  const registryUrl = `http://127.0.0.1:${registryPort}`;

  const scaled = Object.fromEntries(
    Object.entries(TIMES).map(([name, ms]) => [name, String(Math.round(ms * timeScale))]),
  );
  const guardUrls = guardPorts.map((port) => `http://127.0.0.1:${port}`);
  const shared = {
    ...scaled,
    KAFKA_BROKERS: brokerAddress,
    SCHEMA_REGISTRY_URL: registryUrl,
    AUTO_REGISTER_SCHEMAS: 'true',
    AUTH_ISSUERS: options.identity.authIssuers,
    TICKET_KEYS: `t1:${randomBytes(32).toString('base64url')}`,
    SERVICE_TOKEN_KEYS: `s1:${randomBytes(32).toString('base64url')}`,
    LOG_LEVEL: 'info',
  };
  const service = (app: string, name: string, env: Readonly<Record<string, string>>): ManagedProcess => {
    const dataDir = join(directory, name);
    mkdirSync(dataDir, { recursive: true });
    return new ManagedProcess({
      name,
      program: join(APPS, app, 'src/main.ts'),
      env: { ...shared, ...env, PLAYHEAD_DATA_DIR: dataDir },
      logFile: log(name),
    });
  };
  const guards = guardPorts.map((port, i) =>
    service('concurrency-guard', `guard-${i + 1}`, {
      CONCURRENCY_GUARD_ADMIN_PORT: String(port),
      CONCURRENCY_GUARD_SWEEP_MS: String(Math.max(50, Math.round(1_000 * timeScale))),
    }),
  );
  const gateways = gatewayPorts.map((port, i) =>
    service('gateway', `gateway-${i + 1}`, {
      GATEWAY_PORT: String(port),
      GATEWAY_ADMIN_PORT: String(gatewayAdminPorts[i]),
      // Each asks its own guard first.
      CONCURRENCY_GUARD_URL: [...guardUrls.slice(i), ...guardUrls.slice(0, i)].join(','),
    }),
  );
  const all = [...guards, ...gateways];
  const close = async (): Promise<void> => {
    await Promise.all(all.map((one) => one.close()));
    await apache?.close();
    await host.close();
    guardian.close();
  };
  try {
    // One after the other: the first of a kind makes the topics.
    for (const one of all) await one.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    gatewayUrls: gatewayPorts.map((port) => `http://127.0.0.1:${port}`),
    gateways,
    guards,
    brokerAddress,
    registryUrl,
    times: {
      intervalMs: Math.round(TIMES.HEARTBEAT_INTERVAL_MS * timeScale),
      graceMs: Math.round(TIMES.HEARTBEAT_GRACE_MS * timeScale),
      sessionTimeoutMs: Math.round(TIMES.STREAMS_SESSION_TIMEOUT_MS * timeScale),
    },
    restartBroker: () => apache?.restart?.() ?? host.kill(),
    close,
  };
}

async function startApache(directory: string, guardian: Guardian): Promise<BrokerUnderTest> {
  return startRealBroker(join(directory, 'kafka'), guardian);
}
