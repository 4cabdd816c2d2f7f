import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { SerdeError } from '@playhead/stream-core';
import type { SchemaSource } from '@playhead/stream-core';

/** Where the registry is and what may be done there. */
export interface SchemaRegistrySourceOptions {
  /** Such as `http://127.0.0.1:8081` (`SCHEMA_REGISTRY_URL`). */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Registers a schema that its subject does not have, under BACKWARD_TRANSITIVE (`AUTO_REGISTER_SCHEMAS`). Default false: look up only. */
  readonly autoRegister?: boolean;
  /** Schemas that the client keeps; with one more it forgets them all. Default 1,000. */
  readonly maxCachedSchemas?: number;
  /** How often a question is asked again when the registry cannot be reached or is in trouble, as while it restarts: everything but 401, 403, 404, 409 and 422. Default 7: for 13 s, which nothing cuts short. */
  readonly retries?: number;
  /** Before the first of these; each further one is twice as long. Default 100. */
  readonly retryPauseMs?: number;
}

/** The registry could not be asked, or answered something that says nothing about the schema: trying again may help. */
export class SchemaRegistryError extends Error {
  readonly code = 'EVENTS_SCHEMA_REGISTRY';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'SchemaRegistryError';
  }
}

/** The registry has no such schema, or refuses this one: final answers of a Schema Registry. */
const REFUSALS: ReadonlySet<number> = new Set([404, 409, 422]);

/** What the caller may not do is no better a moment later. */
const FORBIDDEN: ReadonlySet<number> = new Set([401, 403]);
const DEFAULT_RETRIES = 7;
const DEFAULT_RETRY_PAUSE_MS = 100;

/** Schemas from a Schema Registry over HTTP. */
export class SchemaRegistrySource implements SchemaSource {
  readonly #client: SchemaRegistry;
  readonly #options: SchemaRegistrySourceOptions;
  /** Ids that the client has in its cache, which has no bound of its own. */
  readonly #cached = new Set<number>();

  constructor(options: SchemaRegistrySourceOptions) {
    this.#options = options;
    const { url, username, password } = options;
    this.#client = new SchemaRegistry(
      {
        host: url.replace(/\/+$/, ''),
        // Its own repeats are of GET alone, and not of connections that fail.
        retry: { retries: 0 },
        ...(username === undefined ? {} : { auth: { username, password: password ?? '' } }),
      },
      // Named by type: the client passes these to avsc only under this key.
      { [SchemaType.AVRO]: { wrapUnions: 'auto' } },
    );
  }

  /** See `SchemaSource`. Rejects with a `SerdeError` when the registry refuses the schema or may not be asked to take it. */
  async idOf(subject: string, schema: string): Promise<number> {
    const avro = { type: SchemaType.AVRO as const, schema };
    try {
      return await this.#ask(() => this.#client.getRegistryIdBySchema(subject, avro));
    } catch (cause) {
      // The client wraps the 404 of this one request, so that its status is gone.
      if (statusOf(cause) !== undefined) {
        throw this.#failure(`schema of ${subject} could not be looked up`, cause);
      }
      if (this.#options.autoRegister !== true) {
        throw new SerdeError(
          `subject ${subject} of ${this.#options.url} does not have this schema; register it, or set AUTO_REGISTER_SCHEMAS`,
          { cause },
        );
      }
    }
    try {
      const how = { subject, compatibility: COMPATIBILITY.BACKWARD_TRANSITIVE };
      const { id } = await this.#ask(() => this.#client.register(avro, how));
      this.#keep(id);
      return id;
    } catch (cause) {
      throw this.#failure(`schema of ${subject} could not be registered`, cause);
    }
  }

  /** See `SchemaSource`. The text is Avro's canonical one with defaults and aliases, without documentation. */
  async schemaOf(id: number): Promise<string> {
    let schema: unknown;
    try {
      schema = await this.#ask(() => this.#client.getSchema(id));
    } catch (cause) {
      throw this.#failure(`schema ${id} could not be read`, cause);
    }
    this.#keep(id);
    if (!isAvroType(schema)) {
      throw new SerdeError(`schema ${id} of ${this.#options.url} is no Avro schema; only Avro is read`);
    }
    return JSON.stringify(schema.schema({ exportAttrs: true }));
  }

  /** All questions can be repeated: a schema that is registered again keeps its id. */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const { retries = DEFAULT_RETRIES, retryPauseMs = DEFAULT_RETRY_PAUSE_MS } = this.#options;
    for (let repeat = 0; ; repeat++) {
      try {
        return await question();
      } catch (error) {
        if (repeat === retries || !mayGoAway(error)) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, retryPauseMs * 2 ** repeat);
        });
      }
    }
  }

  #keep(id: number): void {
    this.#cached.add(id);
    if (this.#cached.size > (this.#options.maxCachedSchemas ?? 1000)) {
      this.#client.cache.clear();
      this.#cached.clear();
    }
  }

  #failure(what: string, cause: unknown): Error {
    const status = statusOf(cause);
    const message = `${what} (${this.#options.url}): ${cause instanceof Error ? cause.message : String(cause)}`;
    return status === undefined || REFUSALS.has(status)
      ? new SerdeError(message, { cause })
      : new SchemaRegistryError(message, cause);
  }
}

/** The HTTP status behind an error of the client; undefined when the client itself refused. A failed connection counts as 400 there. */
function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;
}

function mayGoAway(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && !REFUSALS.has(status) && !FORBIDDEN.has(status);
}

interface AvroTypeLike {
  schema(options: { exportAttrs: boolean }): unknown;
}

function isAvroType(value: unknown): value is AvroTypeLike {
  return typeof value === 'object' && value !== null && 'schema' in value && typeof value.schema === 'function';
}
