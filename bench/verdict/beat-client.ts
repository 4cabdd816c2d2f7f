import { Agent, request } from 'node:http';

/** A player has a connection of its own; more than these are not out at a time, so that no beat waits here for the answer to another's. */
const MAX_SOCKETS = 2_000;
const REQUEST_TIMEOUT_MS = 10_000;
const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** One request of a player with its ticket, on a kept connection; rejects on a lost connection or after 10 s. */
export function send(url: string, ticket: string, body?: string): Promise<HttpAnswer> {
  return exchange(url, { 'playback-ticket': ticket }, body);
}

/** One request of a viewer with a token; as {@link send}. */
export function start(url: string, token: string, body: string): Promise<HttpAnswer> {
  return exchange(url, { authorization: `Bearer ${token}` }, body);
}

function exchange(url: string, headers: Readonly<Record<string, string>>, body?: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
        timeout: REQUEST_TIMEOUT_MS,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
        response.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms: ${url}`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export const closeConnections = (): void => agent.destroy();
