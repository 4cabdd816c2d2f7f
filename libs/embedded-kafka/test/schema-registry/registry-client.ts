import { expect } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSchemaRegistry } from '../../src/schema-registry/start-schema-registry.ts';

/** What a request was answered with. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A registry on a free port and a directory of its own, with a raw HTTP client. */
export interface TestRegistry {
  readonly url: string;
  readonly dataDir: string;
  call(method: string, path: string, body?: object | string): Promise<Answer>;
  /** `POST /subjects/…/versions` of a schema given as JSON. */
  register(subject: string, schema: unknown): Promise<Answer>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one; `close` removes the directory. */
export async function startTestRegistry(): Promise<TestRegistry> {
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-registry-'));
  let running = await startSchemaRegistry({ dataDir, port: 0 });
  const call = async (method: string, path: string, body?: object | string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${running.port}${path}`, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    get url() {
      return `http://127.0.0.1:${running.port}`;
    },
    dataDir,
    call,
    register: (subject, schema) =>
      call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema: JSON.stringify(schema) }),
    restart: async () => {
      await running.close();
      running = await startSchemaRegistry({ dataDir, port: 0 });
    },
    close: async () => {
      await running.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A record schema with the given fields, each an int unless it says otherwise. */
export function record(...fields: readonly (string | object)[]): object {
  return {
    type: 'record',
    name: 'R',
    fields: fields.map((field) => (typeof field === 'string' ? { name: field, type: 'int' } : field)),
  };
}

/** A schema. */
export const A = record('a');
/** What may be its next version. */
export const AB = record('a', { name: 'b', type: 'int', default: 0 });

/** The answer to a request that is granted. */
export const ok = (body: unknown): object => ({ status: 200, body });

/** A refusal's status and code. */
export function refusal(status: number, errorCode: number): object {
  return { status, body: { error_code: errorCode, message: expect.any(String) as unknown } };
}
