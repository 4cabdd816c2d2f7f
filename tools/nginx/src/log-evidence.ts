/** A piece of evidence, as `POST /v1/evidence` takes it. */
export interface LogEvidence {
  readonly account: string;
  readonly session: string;
  readonly kind: 'cdn-log';
  readonly id: string;
  readonly observedAt: number;
  readonly contentId?: string;
  readonly device?: string;
  readonly profile?: string;
}

/** A line that comes later than this says nothing about now. */
export const MAX_LINE_AGE_MS = 60_000;
/** Sessions whose last evidence is remembered; with more all are forgotten, and each gives one more than it had to. */
const MAX_SESSIONS = 200_000;

/**
 * Evidence from lines of the access log: of what was served, at most one a session in `intervalMs`, and nothing of lines that
 * are more than 60 s late. Never by address or user agent: the session stands in the line, from a verified ticket.
 */
export class LogReader {
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #last = new Map<string, number>();
  /** Lines that came too late. */
  tooLate = 0;
  /** Lines that are none of ours. */
  unreadable = 0;

  constructor({ intervalMs, now }: { readonly intervalMs: number; readonly now: () => number }) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** Undefined: the line gives none. */
  read(line: string): LogEvidence | undefined {
    const fields = fieldsOf(line);
    const observedAt = Math.round(Number(fields?.['at']) * 1000);
    if (fields === undefined || !Number.isFinite(observedAt)) {
      this.unreadable++;
      return undefined;
    }
    const [account, session] = [decoded(fields['account']), decoded(fields['session'])];
    const { status = '', id = '' } = fields;
    if (!/^(200|206|304)$/.test(status) || account === undefined || session === undefined || id === '')
      return undefined;
    if (this.#now() - observedAt > MAX_LINE_AGE_MS) {
      this.tooLate++;
      return undefined;
    }
    const key = `${account}/${session}`;
    const last = this.#last.get(key) ?? Number.NEGATIVE_INFINITY;
    // Much earlier than the last one: the clock went back.
    if (Math.abs(observedAt - last) < this.#intervalMs) return undefined;
    if (this.#last.size >= MAX_SESSIONS) this.#last.clear();
    this.#last.set(key, observedAt);
    const [contentId, device, profile] = ['content', 'device', 'profile'].map((name) => decoded(fields[name]));
    return {
      account,
      session,
      kind: 'cdn-log',
      id,
      observedAt,
      ...(contentId === undefined ? {} : { contentId }),
      ...(device === undefined ? {} : { device }),
      ...(profile === undefined ? {} : { profile }),
    };
  }
}

function fieldsOf(line: string): Readonly<Record<string, string>> | undefined {
  try {
    const parsed = JSON.parse(line) as unknown;
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined || text === '' ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
