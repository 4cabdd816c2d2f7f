import { parseArgs } from 'node:util';
import { join } from 'node:path';

/** What the command line said. */
export interface Arguments {
  readonly brokers: string | undefined;
  readonly registryUrl: string | undefined;
  readonly restartCommand: string | undefined;
  readonly clients: readonly string[];
  readonly caseNames: readonly string[];
  readonly requireAll: boolean;
  readonly cacheDir: string;
}

export const USAGE = `Runs other people's clients, unmodified, against the development broker and prints which capability was shown by which test.

Usage: npm run conformance:clients -- [options]

  --brokers HOST:PORT   a broker that runs already, such as Apache Kafka, instead of the development broker
  --registry URL        its Schema Registry (without it the registry's clients are skipped)
  --restart COMMAND     a shell command that ends and starts it again (without it the restart cases are skipped)
  --clients A,B         only these clients (registry stands for those of the Schema Registry)
  --cases A,B           only these cases
  --cache DIR           where clients are installed (default node_modules/.cache/conformance-clients)
  --require-all         a client that cannot be installed is a failure
  --help                this text
`;

const DEFAULT_CACHE = join(import.meta.dirname, '../../../node_modules/.cache/conformance-clients');

/** Reads the command line; null asks for help. Throws TypeError for what it does not know. */
export function readArguments(args: readonly string[]): Arguments | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      brokers: { type: 'string' },
      registry: { type: 'string' },
      restart: { type: 'string' },
      clients: { type: 'string' },
      cases: { type: 'string' },
      cache: { type: 'string' },
      'require-all': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    brokers: values.brokers,
    registryUrl: values.registry,
    restartCommand: values.restart,
    clients: list(values.clients),
    caseNames: list(values.cases),
    requireAll: values['require-all'],
    cacheDir: values.cache ?? DEFAULT_CACHE,
  };
}

const list = (text: string | undefined): readonly string[] => text?.split(',').filter((one) => one !== '') ?? [];
