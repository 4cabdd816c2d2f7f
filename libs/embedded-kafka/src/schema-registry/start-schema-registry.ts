import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { silentLogger } from '../logger.ts';
import type { BrokerLogger } from '../logger.ts';
import { RegistryError } from './registry-error.ts';
import { findRoute } from './router.ts';
import type { Route } from './router.ts';
import { compatibilityRoutes } from './routes/compatibility-routes.ts';
import { configRoutes } from './routes/config-routes.ts';
import { modeRoutes } from './routes/mode-routes.ts';
import { schemaRoutes } from './routes/schema-routes.ts';
import { subjectRoutes } from './routes/subject-routes.ts';
import { versionRoutes } from './routes/version-routes.ts';
import { SchemaLog } from './schema-log.ts';
import { SchemaRegistry } from './schema-registry.ts';

/** Longest body of a request. */
export const MAX_BODY_BYTES = 1024 * 1024;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** Where the registry listens and keeps its schemas. */
export interface SchemaRegistryOptions {
  /** The broker's data directory; the registry keeps `schema-registry/` in it. */
  readonly dataDir: string;
  /** 0: any free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly logger?: BrokerLogger;
}

/** A registry that listens. */
export interface RunningSchemaRegistry {
  readonly port: number;
  /** Stops listening and ends open connections; everything acknowledged is on disk already. */
  close(): Promise<void>;
}

/** Starts the REST API of a Schema Registry. Rejects when the port is taken or the schemas on disk are damaged. */
export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<RunningSchemaRegistry> {
  const { dataDir, port, host = '127.0.0.1', logger = silentLogger } = options;
  const { log, entries, cutBytes } = SchemaLog.open(join(dataDir, 'schema-registry'));
  if (cutBytes > 0) {
    logger.warn('cut off a torn end of the schema log', { cutBytes });
  }
  const registry = new SchemaRegistry(log, entries, logger);
  const routes: readonly Route[] = [
    { method: 'GET', path: '/', handle: () => ({}) },
    // The default context, under the name that Confluent gives it, is the only one.
    { method: 'GET', path: '/contexts', handle: () => ['.'] },
    ...subjectRoutes(registry),
    ...versionRoutes(registry),
    ...schemaRoutes(registry),
    ...compatibilityRoutes(registry),
    ...configRoutes(registry),
    ...modeRoutes(registry),
  ];
  const server = createServer((request, response) => void answer(routes, request, response, logger));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    log.close();
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
      log.close();
    },
  };
}

async function answer(
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
  logger: BrokerLogger,
): Promise<void> {
  try {
    const url = URL.parse(request.url ?? '/', 'http://registry');
    if (url === null) {
      throw new RegistryError(400, 400, `${JSON.stringify(request.url)} is no path`);
    }
    const { route, params } = findRoute(routes, request.method ?? '', url.pathname);
    const body = await readBody(request);
    send(response, 200, route.handle({ params, query: url.searchParams, body }));
  } catch (error) {
    if (error instanceof RegistryError) {
      send(response, error.status, { error_code: error.errorCode, message: error.message });
      return;
    }
    logger.error('a request to the schema registry failed', { path: request.url, error: String(error) });
    send(response, 500, { error_code: 50001, message: 'Error in the schema registry' });
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new RegistryError(413, 413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  if (length === 0) {
    return {};
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new RegistryError(400, 400, 'the body is not JSON');
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw new RegistryError(400, 400, 'the body is not a JSON object');
  }
  return { ...json };
}

function send(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) {
    return;
  }
  const body = JSON.stringify(value);
  // After an error the rest of a body may be unread, so that the connection cannot be used again.
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body);
}
