import type { ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE, problem, toProblem } from '@playhead/service-kit';
import type { Problem } from '@playhead/service-kit';
import { GuardUnavailableError } from '../guard/guard-unavailable-error.ts';
import { LogUnavailableError } from '../records/event-log.ts';
import { answerOf } from './answer.ts';
import { closeBehindAnswer } from './close-behind-answer.ts';
import type { Reply } from './route.ts';

/** When a client should try again after a 503. */
const RETRY_AFTER_S = 2;

/**
 * Writes a reply, with CORS headers beside its own. Behind a body that was given up on (it is left paused) the connection
 * is closed. Does nothing when the client has gone.
 */
export function sendReply(response: ServerResponse, reply: Reply, cors: Readonly<Record<string, string>>): void {
  if (response.headersSent || response.destroyed) return;
  const isGivenUp = response.req.isPaused();
  const { headers, text } = answerOf(reply, cors, { closes: isGivenUp || !response.shouldKeepAlive });
  response.writeHead(reply.status, headers);
  if (reply.stream !== undefined) {
    // HEAD asks for the headers alone, which a stream would be kept open behind.
    if (response.req.method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    reply.stream(response);
    return;
  }
  if (!isGivenUp) {
    response.end(text);
    return;
  }
  if (text === '') response.flushHeaders();
  else response.write(text);
  closeBehindAnswer(response);
}

/** The problem that an error is for a client; a part that does not answer is a 503, a defect a 500 without its text. */
export function problemOf(error: unknown): Problem {
  if (error instanceof LogUnavailableError)
    return unavailable('log-unavailable', 'Nothing can be stored at present.', error);
  if (error instanceof GuardUnavailableError) {
    return unavailable('guard-unavailable', 'The concurrency guard does not answer at present.', error);
  }
  return toProblem(error);
}

/** A problem as a reply. */
export function replyOf({ status, headers, document }: Problem): Reply {
  return { status, headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...headers }, body: document };
}

function unavailable(code: string, detail: string, cause: unknown): Problem {
  return problem(503, code, { detail, headers: { 'retry-after': String(RETRY_AFTER_S) }, cause });
}
