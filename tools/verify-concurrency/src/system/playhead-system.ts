import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EMBEDDED_BROKER_HOST, Guardian, startRealBroker } from '@playhead/chaos-streams/testing';
import { freePorts } from '@playhead/start/testing';
import type { IdentityProvider } from './issuer.ts';
import { ManagedProcess } from './managed-process.ts';

const APPS = join(import.meta.dirname, '../../../../apps');
const CLOCK_OFFSET = pathToFileURL(join(import.meta.dirname, 'clock-offset.ts')).href;
const GATEWAYS = 2;
const GUARDS = 2;
const KEY_BYTES = 32;
const SWEEP_MS = 1_000;
const MIN_SWEEP_MS = 50;
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
  /** Puts the clock of a gateway off, also of the processes that come after it. */
  setClock(gateway: number, offsetMs: number): void;
  /** Ends the broker and starts it on its data; resolves when it serves. */
  restartBroker(): Promise<void>;
  close(): Promise<void>;
}

/** Where everything listens. */
interface Ports {
  readonly kafka: number;
  readonly registry: number;
  readonly gateways: readonly number[];
  readonly gatewayAdmins: readonly number[];
  readonly guards: readonly number[];
}

/** Broker and registry, whoever they are. */
interface Backbone {
  readonly address: string;
  readonly registryUrl: string;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything and resolves when every process is ready. */
export async function startSystem(options: SystemOptions): Promise<PlayheadSystem> {
  const ports = await choosePorts();
  const backbone = await startBackbone(options, ports);
  const { guards, gateways } = createServices(options, ports, backbone);
  const all = [...guards, ...gateways];
  const close = async (): Promise<void> => {
    await Promise.all(all.map((one) => one.close()));
    await backbone.close();
  };
  try {
    // One after the other: the first of a kind makes the topics.
    for (const one of all) await one.start();
  } catch (error) {
    await close();
    throw error;
  }
  const scaled = (ms: number): number => Math.round(ms * options.timeScale);
  return {
    gatewayUrls: ports.gateways.map((port) => `http://127.0.0.1:${port}`),
    gateways,
    guards,
    brokerAddress: backbone.address,
    registryUrl: backbone.registryUrl,
    times: {
      intervalMs: scaled(TIMES.HEARTBEAT_INTERVAL_MS),
      graceMs: scaled(TIMES.HEARTBEAT_GRACE_MS),
      sessionTimeoutMs: scaled(TIMES.STREAMS_SESSION_TIMEOUT_MS),
    },
    setClock: (gateway, offsetMs) => writeFileSync(clockFile(options, gateway), String(offsetMs)),
    restartBroker: () => backbone.restart(),
    close,
  };
}

const clockFile = ({ directory }: SystemOptions, gateway: number): string =>
  join(directory, `clock-of-gateway-${gateway + 1}`);

async function choosePorts(): Promise<Ports> {
  const [kafka = 0, registry = 0, ...rest] = await freePorts(2 + 2 * GATEWAYS + GUARDS);
  return {
    kafka,
    registry,
    gateways: rest.slice(0, GATEWAYS),
    gatewayAdmins: rest.slice(GATEWAYS, 2 * GATEWAYS),
    guards: rest.slice(2 * GATEWAYS),
  };
}

/** The embedded broker with its registry; beside an Apache Kafka only the registry of it is used. */
async function startBackbone({ directory, broker }: SystemOptions, ports: Ports): Promise<Backbone> {
  const isEmbedded = broker === 'embedded';
  const host = new ManagedProcess({
    name: 'broker',
    program: EMBEDDED_BROKER_HOST,
    args: [join(directory, 'broker'), String(isEmbedded ? ports.kafka : 0), String(ports.registry)],
    env: {},
    logFile: join(directory, 'broker.log'),
  });
  await host.start();
  const registryUrl = `http://127.0.0.1:${ports.registry}`;
  if (isEmbedded) {
    const address = `127.0.0.1:${ports.kafka}`;
    return { address, registryUrl, restart: () => host.kill(), close: () => host.close() };
  }
  const guardian = new Guardian();
  const apache = await startRealBroker(join(directory, 'kafka'), guardian);
  return {
    address: `127.0.0.1:${apache.port}`,
    registryUrl,
    restart: () => apache.restart?.() ?? Promise.resolve(),
    close: async () => {
      await apache.close();
      await host.close();
      guardian.close();
    },
  };
}

function createServices(options: SystemOptions, ports: Ports, backbone: Backbone) {
  const { directory, timeScale, identity } = options;
  const shared = {
    ...scaledTimes(timeScale),
    KAFKA_BROKERS: backbone.address,
    SCHEMA_REGISTRY_URL: backbone.registryUrl,
    AUTO_REGISTER_SCHEMAS: 'true',
    AUTH_ISSUERS: identity.authIssuers,
    TICKET_KEYS: `t1:${randomBytes(KEY_BYTES).toString('base64url')}`,
    SERVICE_TOKEN_KEYS: `s1:${randomBytes(KEY_BYTES).toString('base64url')}`,
  };
  const service = (
    app: string,
    name: string,
    env: Readonly<Record<string, string>>,
    execArgv: readonly string[] = [],
  ): ManagedProcess => {
    const dataDir = join(directory, name);
    mkdirSync(dataDir, { recursive: true });
    return new ManagedProcess({
      name,
      program: join(APPS, app, 'src/main.ts'),
      execArgv,
      env: { ...shared, ...env, PLAYHEAD_DATA_DIR: dataDir },
      logFile: join(directory, `${name}.log`),
    });
  };
  const sweepMs = String(Math.max(MIN_SWEEP_MS, Math.round(SWEEP_MS * timeScale)));
  const guards = ports.guards.map((port, i) =>
    service('concurrency-guard', `guard-${i + 1}`, {
      CONCURRENCY_GUARD_ADMIN_PORT: String(port),
      CONCURRENCY_GUARD_SWEEP_MS: sweepMs,
    }),
  );
  const guardUrls = ports.guards.map((port) => `http://127.0.0.1:${port}`);
  const gateways = ports.gateways.map((port, i) =>
    service(
      'gateway',
      `gateway-${i + 1}`,
      {
        GATEWAY_PORT: String(port),
        GATEWAY_ADMIN_PORT: String(ports.gatewayAdmins[i]),
        // Each asks its own guard first.
        CONCURRENCY_GUARD_URL: [...guardUrls.slice(i), ...guardUrls.slice(0, i)].join(','),
        VERIFY_CLOCK_FILE: clockFile(options, i),
      },
      ['--import', CLOCK_OFFSET],
    ),
  );
  return { guards, gateways };
}

function scaledTimes(timeScale: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(TIMES).map(([name, ms]) => [name, String(Math.round(ms * timeScale))]));
}
