import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What `KeepAliveClient.send` takes. */
export interface ClientRequest {
  readonly method: string;
  /** Begins with `/`; put behind the client's base address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back; the body is read whole. */
export interface ClientResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Bounds of a client. */
export interface KeepAliveOptions {
  /** Requests beyond so many wait for a socket. */
  readonly maxSockets: number;
  /** A request that takes longer is given up. */
  readonly timeoutMs: number;
}

/** Sends HTTP requests to one server over a bounded number of connections that stay open. */
export class KeepAliveClient {
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #timeoutMs: number;

  constructor(base: string, { maxSockets, timeoutMs }: KeepAliveOptions) {
    this.#base = new URL(base);
    const Agent = this.#base.protocol === 'https:' ? HttpsAgent : HttpAgent;
    this.#agent = new Agent({ keepAlive: true, maxSockets });
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves to any answer, also an error status. Rejects when the server cannot be reached or does not answer in time. */
  send({ method, path, headers, body }: ClientRequest): Promise<ClientResponse> {
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      signal: AbortSignal.timeout(this.#timeoutMs),
    };
    const send = this.#base.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const request = send(new URL(path, this.#base), options, (response) => {
        read(response).then(resolve, reject);
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Closes the connections; requests under way fail. */
  close(): void {
    this.#agent.destroy();
  }
}

async function read(response: IncomingMessage): Promise<ClientResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}
