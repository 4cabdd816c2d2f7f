import { PlayheadApi } from './generated/playhead-api.ts';
import type { DenyProblem, PlaybackSession, PlaybackSessionAnswer, Problem } from './generated/playhead-api.ts';
import { failureKind, failureRule } from './failure-rules.ts';
import type { ApiAnswer, Transport } from './transport.ts';

/** What came of a start. */
export type StartOutcome =
  | { readonly kind: 'allowed'; readonly session: PlaybackSessionAnswer }
  /** `conflicts` with a `terminationToken` can be ended: the same start again with those tokens. */
  | { readonly kind: 'denied'; readonly denial: DenyProblem }
  /** 4xx: asking again does not help. Without a problem it is not the gateway that says so, but for example a proxy. */
  | { readonly kind: 'refused'; readonly problem: Problem | undefined }
  /** Nobody answered; the application decides whether it plays without being allowed. */
  | { readonly kind: 'unavailable' };

/** How a start is asked for. */
export interface StartOptions {
  readonly transport: Transport;
  /** The viewer's JWT. */
  readonly token: string;
  /** Tries before it is given up; a viewer is waiting. Default 3. */
  readonly maxTries?: number;
  /** Resolves after so many milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 2_000;

/** Asks for a stream. Without an answer, on 5xx and 429 it asks again, twice, soon. Never rejects. */
export async function startPlayback(
  start: PlaybackSession,
  { transport, token, maxTries = 3, wait = pause }: StartOptions,
): Promise<StartOutcome> {
  const api = new PlayheadApi(transport);
  const headers = { authorization: `Bearer ${token}` };
  for (let attempt = 0; attempt < maxTries; attempt++) {
    const answer: ApiAnswer = await api
      .postPlaybackSession({ body: start, headers })
      .catch(() => ({ status: 0, body: undefined, retryAfterMs: undefined }));
    const failure = failureKind(answer.status);
    if (failure === undefined && isAdmission(answer.body)) return { kind: 'allowed', session: answer.body };
    if (failure === 'conflict' && isDenial(answer.body)) return { kind: 'denied', denial: answer.body };
    // Any other success is not the gateway's, but for example the sign-in page of a network: as no answer.
    if (failureRule(failure ?? 'network').retry === 'never')
      return { kind: 'refused', problem: isProblem(answer.body) ? answer.body : undefined };
    if (attempt < maxTries - 1) {
      await wait(Math.min(LONGEST_PAUSE_MS, answer.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** attempt));
    }
  }
  return { kind: 'unavailable' };
}

const isAdmission = (body: unknown): body is PlaybackSessionAnswer =>
  typeof (body as Partial<PlaybackSessionAnswer> | null | undefined)?.ticket === 'string';

const isDenial = (body: unknown): body is DenyProblem =>
  (body as Partial<DenyProblem> | null | undefined)?.decision === 'deny';

const isProblem = (body: unknown): body is Problem =>
  typeof (body as Partial<Problem> | null | undefined)?.type === 'string';

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
