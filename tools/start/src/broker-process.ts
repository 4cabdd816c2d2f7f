import {
  DataDirectoryInUseError,
  jsonLogger,
  PortInUseError,
  silentLogger,
  startBroker,
} from '@playhead/embedded-kafka';
import type { BrokerLogger } from '@playhead/embedded-kafka';
import { LOG_LEVELS, runProcess, ServiceError } from '@playhead/service-kit/process';
import type { LogLevel, ProcessPart } from '@playhead/service-kit/process';
import { loadStartSettings } from './start-settings.ts';

/** What the broker process tells `npm start` when it is ready. */
export interface BrokerInfo {
  readonly port: number;
  readonly registryPort: number;
}

const SETTING_OF = { port: 'KAFKA_PORT', registryPort: 'SCHEMA_REGISTRY_PORT' } as const;

await runProcess(start, { closeTimeoutMs: 2_000, orphaned: 'exit' });

/** Broker and registry, on 127.0.0.1 whatever BIND_ADDRESS says: they are for this machine only. Beside brokers of one's own only the registry is used: the broker gets some free port then. */
async function start(): Promise<ProcessPart> {
  const settings = loadStartSettings(process.env);
  const { port, registryPort, close } = await startBroker({
    dataDir: settings.PLAYHEAD_DATA_DIR,
    port: settings.KAFKA_BROKERS === undefined ? settings.KAFKA_PORT : 0,
    registryPort: settings.SCHEMA_REGISTRY_URL === undefined ? settings.SCHEMA_REGISTRY_PORT : 0,
    logger: loggerOf(settings.LOG_LEVEL),
  }).catch(explain);
  const info: BrokerInfo = { port, registryPort };
  return { ready: Promise.resolve(info), close };
}

/** The broker's logger knows no levels: what is below the wanted one is left out here. */
function loggerOf(level: LogLevel): BrokerLogger {
  const all = jsonLogger(process.stderr);
  const wanted = (given: LogLevel): boolean => LOG_LEVELS.indexOf(given) >= LOG_LEVELS.indexOf(level);
  return {
    info: wanted('info') ? all.info : silentLogger.info,
    warn: wanted('warn') ? all.warn : silentLogger.warn,
    error: wanted('error') ? all.error : silentLogger.error,
  };
}

function explain(error: unknown): never {
  if (error instanceof PortInUseError) {
    const message = `${SETTING_OF[error.setting]}: port ${error.port} is in use; choose another one`;
    throw new ServiceError('PORT_IN_USE', message, { cause: error });
  }
  if (error instanceof DataDirectoryInUseError) {
    const message = `PLAYHEAD_DATA_DIR: ${error.message}; choose another one`;
    throw new ServiceError('DATA_DIRECTORY_IN_USE', message, { cause: error });
  }
  throw error;
}
