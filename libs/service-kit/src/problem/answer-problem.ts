import type { ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { QueryError } from '@playhead/stream-core';
import { TokenError } from '../tokens/token-error.ts';
import { Problem, problem, PROBLEM_MEDIA_TYPE } from './problem.ts';

/** The part of a logger that is told about unexpected errors. */
export interface ErrorLogger {
  error(fields: object, message: string): void;
}

/** What express's body readers throw (http-errors). */
interface HttpError {
  readonly status: number;
  readonly type: string;
  readonly expose: boolean;
  readonly message: string;
}

/** Codes of what can be wrong with a body, by the `type` of express's body readers. */
const BODY_PROBLEMS: Readonly<Record<string, string>> = {
  'entity.too.large': 'body-too-large',
  'entity.parse.failed': 'body-malformed',
  'encoding.unsupported': 'encoding-unsupported',
  'charset.unsupported': 'charset-unsupported',
  'request.aborted': 'request-aborted',
};

/** Why a question to a store has no answer now and may have one in a moment: its owner restores, or Kafka is away. */
const NO_ANSWER_NOW: ReadonlySet<QueryError['reason']> = new Set([
  'NOT_AVAILABLE',
  'UNREACHABLE',
  'TIMEOUT',
  'NOT_RUNNING',
]);

/** The problem that an error is for a client: nothing of an unexpected one gets out, neither its message nor its stack. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TokenError) return tokenProblem(error);
  if (isHttpError(error)) {
    const code = BODY_PROBLEMS[error.type] ?? 'request-refused';
    return problem(error.status, code, error.expose ? { detail: error.message, cause: error } : { cause: error });
  }
  if (error instanceof QueryError && NO_ANSWER_NOW.has(error.reason)) return queryProblem(error);
  if (error instanceof URIError)
    return problem(400, 'address-malformed', { detail: 'the address is not well encoded' });
  return problem(500, 'internal-error', { cause: error });
}

/** Writes a problem document as the whole answer. For routes on node:http; express has `problemHandler`. */
export function answerProblem(response: ServerResponse, { status, headers, document }: Problem): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(status, { ...headers, 'content-type': PROBLEM_MEDIA_TYPE, 'content-length': body.length });
  response.end(body);
}

/** The last handler of an express app: answers every error with a problem document and logs the unexpected ones (500): what is 503 comes with every request while something is away. */
export function problemHandler(logger: ErrorLogger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const found = toProblem(error);
    if (found.status === 500) {
      logger.error({ err: found.cause ?? found, method: request.method, path: request.path }, 'a request failed');
    }
    if (response.headersSent) response.destroy();
    else answerProblem(response, found);
  };
}

/** Answers what no route has taken with 404. */
export const unknownRoute: RequestHandler = (request, response) => {
  answerProblem(response, problem(404, 'not-found', { detail: `there is no ${request.method} ${request.path}` }));
};

function queryProblem(error: QueryError): Problem {
  const afterS = Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 1000));
  const options = { detail: error.message, cause: error, headers: { 'retry-after': String(afterS) } };
  return problem(503, 'state-unavailable', options);
}

function tokenProblem(error: TokenError): Problem {
  const options = { detail: error.message, cause: error };
  if (error.code === 'token-unverifiable') {
    return problem(503, error.code, { ...options, headers: { 'retry-after': '5' } });
  }
  // A ticket travels in a header of its own: a challenge to send a bearer token would mislead.
  if (error.code.startsWith('ticket-')) return problem(401, error.code, options);
  return problem(401, error.code, { ...options, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
}

function isHttpError(error: unknown): error is HttpError {
  return (
    error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500 &&
    'type' in error &&
    typeof error.type === 'string'
  );
}
