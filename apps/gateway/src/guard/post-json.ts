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
  /** `performance.now()` by which the whole answer has to be there. */
  readonly endMs: number;
}

/** The answer, whatever its status. */
export interface JsonAnswer {
  readonly status: number;
  readonly text: string;
}

/** There was no whole answer in time. */
export class AnswerTimeoutError extends Error {
  constructor(url: string) {
    super(`timeout: ${url} did not answer in time`);
  }
}

/**
 * Posts JSON over a kept connection, on the client of node:http: `fetch` costs twice as much. Rejects with
 * `AnswerTimeoutError`, and when there is no connection. Sent again where a kept connection closes before anything of an
 * answer has come, so it may be processed twice: for questions, which change nothing.
 */
export function postJson(url: string, post: JsonPost): Promise<JsonAnswer> {
  const [agent, request] = url.startsWith('https:') ? [agents.https, httpsRequest] : [agents.http, httpRequest];
  return new Promise((resolve, reject) => {
    let isOver = false;
    let isAnswered = false;
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      authorization: post.authorization,
    };
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      isAnswered = true;
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', fail);
      incoming.on('end', () => {
        if (end()) resolve({ status: incoming.statusCode ?? 0, text });
      });
    });
    const timer = setTimeout(
      () => {
        fail(new AnswerTimeoutError(url));
        outgoing.destroy();
      },
      Math.max(1, post.endMs - performance.now()),
    );
    /** True the first time: an error is told by the request and by its answer. */
    function end(): boolean {
      clearTimeout(timer);
      const isFirst = !isOver;
      isOver = true;
      return isFirst;
    }
    function fail(error: NodeJS.ErrnoException): void {
      if (!end()) return;
      if (outgoing.reusedSocket && !isAnswered && error.code === 'ECONNRESET') resolve(postJson(url, post));
      else reject(error);
    }
    outgoing.on('error', fail);
    outgoing.end(post.body);
  });
}
