import { join } from 'node:path';
import { type ClientDriver, type OperationName } from './drivers/client-driver.ts';
import { DriverProcess } from './drivers/driver-process.ts';
import { KcatDriver } from './drivers/kcat-driver.ts';
import { installJava } from './install/install-java.ts';
import { installPython } from './install/install-python.ts';
import { runCommand } from './install/run-command.ts';

/** A client that is installed. */
export interface InstalledClient {
  readonly version: string;
  /** Starts one process of it. */
  open(brokers: string): ClientDriver;
}

/** A client that nobody here wrote, as it comes from its registry. */
export interface Client {
  readonly name: string;
  /** Kafka Streams is an application rather than a client: it has cases of its own. */
  readonly kind: 'client' | 'streams';
  /** What it has no way to do. */
  readonly lacks: readonly OperationName[];
  /** Rejects, saying why, where it cannot be had. */
  install(cacheDir: string): Promise<InstalledClient>;
}

const PYTHON = join(import.meta.dirname, '../python');
/** Many processes run side by side: small heaps, a cheap compiler, one thread for garbage. */
const JAVA_OPTIONS = [
  '-Xmx192m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/** Installs one at a time: two clients of one language share what is installed. */
const once = <T>(install: (cacheDir: string) => Promise<T>): ((cacheDir: string) => Promise<T>) => {
  let installed: Promise<T> | undefined;
  return (cacheDir) => (installed ??= install(cacheDir));
};
const python = once(installPython);
const java = once(installJava);

function pythonClient(name: string, distribution: string, lacks: readonly OperationName[]): Client {
  return {
    name,
    kind: 'client',
    lacks,
    install: async (cacheDir) => {
      const interpreter = await python(cacheDir);
      const version = `from importlib.metadata import version; print(version("${distribution}"))`;
      return {
        version: (await runCommand(interpreter, ['-c', version])).trim(),
        open: (brokers) => new DriverProcess(interpreter, [join(PYTHON, `${name.split('-')[0]}_driver.py`), brokers]),
      };
    },
  };
}

function javaClient(name: string, kind: Client['kind']): Client {
  return {
    name,
    kind,
    lacks: [],
    install: async (cacheDir) => {
      const classPath = await java(cacheDir);
      const version = (await runCommand('java', ['-cp', classPath, 'Driver', '--version'])).trim();
      return {
        version,
        open: (brokers) => new DriverProcess('java', [...JAVA_OPTIONS, '-cp', classPath, 'Driver', brokers]),
      };
    },
  };
}

const KCAT: Client = {
  name: 'kcat',
  kind: 'client',
  lacks: [
    'sendOffsets',
    'createTopic',
    'describeConfig',
    'alterConfig',
    'growTopic',
    'deleteRecords',
    'deleteTopic',
    'listGroups',
    'describeGroup',
    'committed',
    'alterOffset',
    'deleteOffset',
    'deleteGroup',
  ],
  install: async () => ({
    version:
      /Version ([\d.]+)[^]*librdkafka ([\d.]+)/
        .exec(await runCommand('kcat', ['-V']))
        ?.slice(1)
        .join(', librdkafka ') ?? 'unknown',
    open: (brokers) => new KcatDriver(brokers),
  }),
};

/** Every client that is tried. */
export const CLIENTS: readonly Client[] = [
  KCAT,
  pythonClient('confluent-kafka', 'confluent-kafka', ['deleteOffset']),
  pythonClient('aiokafka', 'aiokafka', ['alterOffset', 'deleteOffset', 'deleteGroup']),
  javaClient('kafka-clients', 'client'),
  javaClient('kafka-streams', 'streams'),
];
