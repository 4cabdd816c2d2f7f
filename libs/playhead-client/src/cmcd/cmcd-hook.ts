import type { VerdictAnswer } from '../generated/playhead-api.ts';

/** What a hook on a player's own CMCD reporter needs. */
export interface CmcdHook {
  /** `cmcdUrl` of the admission, made absolute; the hook adds `&answer=json` where it builds the address. */
  readonly url: string;
  /** Playhead in milliseconds: no stock player sends it. */
  readonly positionMs: () => number;
  /** Each verdict; on `stop` the application stops the player. */
  readonly onVerdict: (answer: VerdictAnswer) => void;
}

/** The address of a reporter whose answers are read. */
export const answeringUrl = (url: string): string => `${url}&answer=json`;

/** The lines of a report with the playhead (CMCD key `pt`) in each; as they are where it is not known. */
export function withPosition(body: string, positionMs: number): string {
  if (!Number.isFinite(positionMs)) return body;
  return body
    .split('\n')
    .map((line) => (line === '' ? line : `${line},pt=${Math.round(positionMs)}`))
    .join('\n');
}

/**
 * The answers to a player's reports: verdicts, and from half of a ticket's life on a new ticket. A player keeps the address that
 * it was configured with, so later reports are given the new ticket on their way.
 */
export class CmcdAnswers {
  readonly #hook: Pick<CmcdHook, 'url' | 'onVerdict'>;
  #url: string;

  constructor(hook: Pick<CmcdHook, 'url' | 'onVerdict'>) {
    this.#hook = hook;
    this.#url = hook.url;
  }

  /** Whether it is an address of this stream's reports. */
  isOurs(url: string): boolean {
    return url.startsWith(this.#hook.url) || url.startsWith(this.#url);
  }

  /** The address of a report, with the newest ticket where it is one of this stream. */
  addressOf(url: string): string {
    const { url: configured } = this.#hook;
    return url.startsWith(configured) ? `${this.#url}${url.slice(configured.length)}` : url;
  }

  /** Reads an answer, as text, JSON or bytes; one that is no verdict is none. Never throws: the player would report again. */
  read(data: unknown): void {
    try {
      const text = data instanceof ArrayBuffer || data instanceof Uint8Array ? new TextDecoder().decode(data) : data;
      const answer = (typeof text === 'string' ? JSON.parse(text) : text) as VerdictAnswer | undefined;
      if (answer?.verdict === undefined) return;
      if (answer.ticket !== undefined) this.#renew(answer.ticket);
      this.#hook.onVerdict(answer);
    } catch {
      // A proxy's page, or nothing: the next report has another answer.
    }
  }

  #renew(ticket: string): void {
    this.#url = this.#url.replace(/([?&]ticket=)[^&]*/, (_all, name: string) => `${name}${encodeURIComponent(ticket)}`);
  }
}
