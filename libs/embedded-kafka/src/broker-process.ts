import { startBroker, PortInUseError, type RunningBroker } from './broker.ts';
import { jsonLogger } from './logger.ts';
import { DataDirectoryInUseError } from './storage/data-lock.ts';

/** What the process is given: environment, arguments, and where to write. */
export interface BrokerProcessInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly args: readonly string[];
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** A setting of the process was wrong, a port or the data directory is taken: the message says what to change. */
export class BrokerStartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BrokerStartError';
  }
}

const HELP = `Playhead's development broker: speaks the Kafka protocol on 127.0.0.1, and the Schema Registry's REST API.

Usage: npm run broker -- [--sync] [--help]

  --sync   force every acknowledged write to the disk (default: written to the file, which survives the process but not a power failure)
  --help   this text

Settings by environment:
  KAFKA_PORT            port of the broker (9092; 0 for any)
  SCHEMA_REGISTRY_PORT  port of the registry (8081; 0 for any)
  PLAYHEAD_DATA_DIR     where topics, offsets and schemas are kept (.data)
`;

const MAX_PORT = 65_535;
const ENVIRONMENT_NAME = { port: 'KAFKA_PORT', registryPort: 'SCHEMA_REGISTRY_PORT' } as const;

/** Starts the broker as a process does; null after `--help`. Rejects with {@link BrokerStartError} for what the user can put right. */
export async function startBrokerProcess({
  env,
  args,
  stdout,
  stderr,
}: BrokerProcessInput): Promise<RunningBroker | null> {
  const unknown = args.find((arg) => arg !== '--sync' && arg !== '--help');
  if (unknown !== undefined) throw new BrokerStartError(`unknown argument ${unknown}; known are --sync and --help`);
  if (args.includes('--help')) {
    stdout.write(HELP);
    return null;
  }
  const broker = await startBroker({
    dataDir: env['PLAYHEAD_DATA_DIR'] ?? '.data',
    port: portSetting(env, 'KAFKA_PORT', 9092),
    registryPort: portSetting(env, 'SCHEMA_REGISTRY_PORT', 8081),
    sync: args.includes('--sync'),
    logger: jsonLogger(stderr),
  }).catch(explain);
  stdout.write(banner(broker));
  return broker;
}

function portSetting(env: BrokerProcessInput['env'], name: string, fallback: number): number {
  const given = env[name];
  if (given === undefined || given === '') return fallback;
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new BrokerStartError(`${name} is "${given}", allowed are the numbers 0 to ${MAX_PORT}`);
  }
  return port;
}

function explain(error: unknown): never {
  if (error instanceof PortInUseError) {
    const name = ENVIRONMENT_NAME[error.setting];
    throw new BrokerStartError(
      `Port ${error.port} is in use: set ${name} to a free port, or stop what listens there.`,
      { cause: error },
    );
  }
  if (error instanceof DataDirectoryInUseError) {
    throw new BrokerStartError(`${error.message}: stop it, or set PLAYHEAD_DATA_DIR to another directory.`, {
      cause: error,
    });
  }
  throw error;
}

function banner({ port, registryPort, dataDir }: RunningBroker): string {
  return [
    'Playhead development broker: one node, loopback only, not for production.',
    `  Kafka            127.0.0.1:${port}`,
    `  Schema Registry  http://127.0.0.1:${registryPort}`,
    `  data directory   ${dataDir}`,
    '',
  ].join('\n');
}
