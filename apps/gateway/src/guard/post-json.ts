import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Connections to one address; questions beyond them wait for an answer to another. */
const MAX_CONNECTIONS = 1024;
const agents = {
  http: new HttpAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS }),
};

/** What is posted. */
export interface JsonPost {
  readonly authorization: string;
  readonly body: string;
  readonly timeoutMs: number;
}

/** The answer, whatever its status. */
export interface JsonAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts JSON over a kept connection, on the client of node:http: `fetch` costs twice as much. Rejects when there is no
 * whole answer in time, or no connection. Sent again where a kept connection turns out to be closed.
 */
export function postJson(url: string, post: JsonPost): Promise<JsonAnswer> {
  const [agent, request] = url.startsWith('https:') ? [agents.https, httpsRequest] : [agents.http, httpRequest];
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      authorization: post.authorization,
    };
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve({ status: incoming.statusCode ?? 0, text });
      });
    });
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`timeout: no answer of ${url} within ${post.timeoutMs} ms`));
    }, post.timeoutMs);
    function fail(error: NodeJS.ErrnoException): void {
      clearTimeout(timer);
      if (outgoing.reusedSocket && error.code === 'ECONNRESET') resolve(postJson(url, post));
      else reject(error);
    }
    outgoing.on('error', fail);
    outgoing.end(post.body);
  });
}
