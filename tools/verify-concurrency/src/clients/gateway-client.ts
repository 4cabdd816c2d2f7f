import { Agent, request } from 'node:http';
import type { Exchange } from '../history.ts';

const MAX_SOCKETS = 256;
const TIMEOUT_MS = 10_000;

/** An answer with its body; the body of an error is a problem document (RFC 9457). */
export interface Answer extends Exchange {
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request to a gateway. */
export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly token?: string;
  readonly ticket?: string;
  readonly body?: unknown;
}

/** HTTP to the gateways, on kept connections; never rejects. */
export class GatewayClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #urls: readonly string[];

  constructor(urls: readonly string[]) {
    this.#urls = urls;
  }

  get gateways(): number {
    return this.#urls.length;
  }

  /** Asks gateway `index`. Status 0: no answer within 10 s, or the connection was lost. */
  ask(index: number, { method, path, token, ticket, body }: Ask): Promise<Answer> {
    const sentAt = Date.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(ticket === undefined ? {} : { 'playback-ticket': ticket }),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve) => {
      const lost = (): void => resolve({ sentAt, answeredAt: Date.now(), status: 0, body: {} });
      const outgoing = request(
        `${this.#urls[index]}${path}`,
        { agent: this.#agent, method, headers, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', lost);
          response.on('aborted', lost);
          response.on('end', () => {
            const answered = parse(Buffer.concat(chunks).toString());
            resolve({ sentAt, answeredAt: Date.now(), status: response.statusCode ?? 0, body: answered });
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', lost);
      outgoing.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
