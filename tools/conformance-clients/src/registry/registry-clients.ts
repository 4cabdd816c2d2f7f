import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { type Client, CLIENTS } from '../clients.ts';
import { OperationError } from '../drivers/client-driver.ts';
import { DriverProcess } from '../drivers/driver-process.ts';
import { installPython } from '../install/install-python.ts';
import type { RegistryDriver, RegistryOperationName, RegistryOperations } from './registry-driver.ts';

/** A client of a Schema Registry. */
export interface RegistryClient {
  readonly name: string;
  readonly knows: ReadonlySet<RegistryOperationName> | 'everything';
  /** Rejects, saying why, where it cannot be had. */
  install(cacheDir: string): Promise<{ readonly version: string; open(url: string): RegistryDriver }>;
}

type Handlers = {
  readonly [Name in RegistryOperationName]?: (request: RegistryOperations[Name]['in']) => Promise<unknown>;
};

/** `@kafkajs/confluent-schema-registry` in this process: a new instance for every call, because it remembers. */
class KafkajsRegistryDriver implements RegistryDriver {
  readonly #handlers: Handlers;

  constructor(url: string) {
    const client = (): SchemaRegistry => new SchemaRegistry({ host: url, retry: { retries: 0 } });
    const avro = (schema: string): { type: SchemaType.AVRO; schema: string } => ({ type: SchemaType.AVRO, schema });
    const register = async (subject: string, schema: string): Promise<number> =>
      (await client().register(avro(schema), { subject })).id;
    this.#handlers = {
      register: ({ subject, schema }) => register(subject, schema),
      lookup: async ({ subject, schema }) => ({ id: await client().getRegistryIdBySchema(subject, avro(schema)) }),
      schemaById: async ({ schemaId }) => JSON.stringify(await client().getSchema(schemaId)),
      latest: async ({ subject }) => ({ id: await client().getLatestSchemaId(subject) }),
      version: async ({ subject, version }) => ({ id: await client().getRegistryId(subject, version), version }),
      encode: async ({ subject, schema, value }) => [
        ...(await client().encode(await register(subject, schema), value)),
      ],
      decode: async ({ bytes_ }) => ({ ...((await client().decode(Buffer.from(bytes_))) as object) }),
    };
  }

  static readonly knows: ReadonlySet<RegistryOperationName> = new Set([
    'register',
    'lookup',
    'schemaById',
    'latest',
    'version',
    'encode',
    'decode',
  ]);

  async call<Name extends RegistryOperationName>(
    operation: Name,
    request: RegistryOperations[Name]['in'],
  ): Promise<RegistryOperations[Name]['out']> {
    const handler = this.#handlers[operation];
    if (handler === undefined) throw new Error(`@kafkajs/confluent-schema-registry has no ${operation}`);
    try {
      return (await handler(request)) as RegistryOperations[Name]['out'];
    } catch (error) {
      const { name, message, status } = error as Error & { status?: number };
      throw new OperationError({ name, message, fenced: false, ...(status === undefined ? {} : { status }) });
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class PythonRegistryDriver implements RegistryDriver {
  readonly #process: DriverProcess;

  constructor(interpreter: string, url: string) {
    this.#process = new DriverProcess(interpreter, [join(import.meta.dirname, '../../python/registry_driver.py'), url]);
  }

  call<Name extends RegistryOperationName>(
    operation: Name,
    request: RegistryOperations[Name]['in'],
  ): Promise<RegistryOperations[Name]['out']> {
    return this.#process.ask(operation, request);
  }

  close(): Promise<void> {
    return this.#process.kill();
  }
}

const confluentKafka = CLIENTS.find(({ name }) => name === 'confluent-kafka') as Client;

/** Every client of a registry that is tried. */
export const REGISTRY_CLIENTS: readonly RegistryClient[] = [
  {
    name: 'confluent-kafka',
    knows: 'everything',
    install: async (cacheDir) => {
      const { version } = await confluentKafka.install(cacheDir);
      const interpreter = await installPython(cacheDir);
      return { version, open: (url) => new PythonRegistryDriver(interpreter, url) };
    },
  },
  {
    name: '@kafkajs/confluent-schema-registry',
    knows: KafkajsRegistryDriver.knows,
    install: () => {
      const manifest = createRequire(import.meta.url).resolve('@kafkajs/confluent-schema-registry/package.json');
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
      return Promise.resolve({ version, open: (url) => new KafkajsRegistryDriver(url) });
    },
  },
];
