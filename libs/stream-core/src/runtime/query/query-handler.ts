import type { IncomingMessage, ServerResponse } from 'node:http';
import { QueryError } from './query-error.ts';
import {
  FAILURE_STATUS,
  MAX_QUERY_BYTES,
  parseWireQuery,
  type WireAnswer,
  type WireProblem,
  type WireQuery,
} from './query-wire.ts';

/** Answers questions of other instances: `node:http`'s listener form, which express takes too. */
export type QueryHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * The server's end of the RPC. It looks at method and body only: path and authentication belong to whoever mounts it.
 * `answer` rejects with `QueryError` for what is to be told to the asker; anything else is answered 500 without detail
 * and given to `onError`.
 */
export function queryHandler(
  answer: (query: WireQuery) => Promise<WireAnswer>,
  onError: (error: unknown) => void,
): QueryHandler {
  return (request, response) => {
    handle(request, answer)
      .then((result) => send(response, 200, 'application/json', result))
      .catch((error: unknown) => {
        if (!(error instanceof QueryError)) onError(error);
        const problem = problemOf(error);
        if (problem.status === 503) response.setHeader('retry-after', retryAfterSeconds(problem.retryAfterMs));
        send(response, problem.status, 'application/problem+json', problem);
      });
  };
}

async function handle(
  request: IncomingMessage,
  answer: (query: WireQuery) => Promise<WireAnswer>,
): Promise<WireAnswer> {
  const refuse = (why: string): never => {
    throw new QueryError('BAD_QUERY', why, { store: '' });
  };
  if (request.method !== 'POST') refuse(`the method is ${request.method}; allowed: POST`);
  const body = await readBody(request);
  if (body === undefined) refuse(`the question is longer than ${MAX_QUERY_BYTES} bytes`);
  let query: WireQuery;
  try {
    query = parseWireQuery(body ?? '');
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message);
    throw error;
  }
  return answer(query);
}

/** The whole body, or undefined when it is too long. A body parser in front may have read it already (express). */
async function readBody(request: IncomingMessage & { body?: unknown }): Promise<string | undefined> {
  if (request.body !== undefined) return typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_QUERY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function problemOf(error: unknown): WireProblem {
  const known = error instanceof QueryError;
  const reason = known ? error.reason : 'REFUSED';
  return {
    type: '/problems/streams-query',
    title: 'The store cannot answer',
    status: FAILURE_STATUS[reason],
    detail: known ? error.message : 'the question failed inside this instance',
    reason,
    ...(known && error.retryAfterMs !== undefined ? { retryAfterMs: error.retryAfterMs } : {}),
  };
}

/** Greatest wait that is asked for: the rate of a restore is a guess. */
const MAX_RETRY_AFTER_S = 60;

/** For a `Retry-After` header (RFC 9110 §10.2.3). Where nothing is known, a second. */
export const retryAfterSeconds = (retryAfterMs = 1_000): string =>
  String(Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(retryAfterMs / 1_000))));

function send(response: ServerResponse, status: number, type: string, body: object): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
