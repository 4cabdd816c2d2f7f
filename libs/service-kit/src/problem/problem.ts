/** One thing that is wrong with a request's body or parameters. */
export interface FieldProblem {
  /** JSON pointer into the body (`/3/positionMs`), `''` for the whole body; `?name` for a query parameter, `{name}` for one in the path. */
  readonly pointer: string;
  /** Short and stable, for programs: `type`, `required`, `minimum`. */
  readonly code: string;
  /** For people. */
  readonly detail: string;
}

/** The body of an `application/problem+json` answer (RFC 9457), with any members of its own beside these. */
export interface ProblemDocument {
  /** `/problems/<code>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly [member: string]: unknown;
}

/** What a problem may carry besides its status and code. */
export interface ProblemOptions {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  /** More members of the document, such as `retryAfterMs`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Headers of the answer, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log, never for the client. */
  readonly cause?: unknown;
}

/** Thrown by a route to answer with a problem document. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: ProblemDocument;

  constructor(status: number, code: string, options: ProblemOptions = {}) {
    const title = options.title ?? titleOf(code);
    super(options.detail ?? title, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.headers = options.headers ?? {};
    this.document = {
      type: `/problems/${code}`,
      title,
      status,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
      ...(options.errors === undefined ? {} : { errors: options.errors }),
      ...options.members,
    };
  }
}

/** The media type of a problem document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** `throw problem(404, 'session-unknown', { detail: … })`. */
export function problem(status: number, code: string, options: ProblemOptions = {}): Problem {
  return new Problem(status, code, options);
}

/** `session-unknown` → `Session unknown`. */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
