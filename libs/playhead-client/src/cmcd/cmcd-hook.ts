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

/** The lines of a report with the playhead (CMCD key `pt`) in each. */
export function withPosition(body: string, positionMs: number): string {
  return body
    .split('\n')
    .map((line) => (line === '' ? line : `${line},pt=${Math.round(positionMs)}`))
    .join('\n');
}

/** Reads an answer, as text, JSON or bytes; one that is no verdict is none. */
export function readVerdict(data: unknown, { onVerdict }: Pick<CmcdHook, 'onVerdict'>): void {
  try {
    const text = data instanceof ArrayBuffer ? new TextDecoder().decode(data) : data;
    const answer = (typeof text === 'string' ? JSON.parse(text) : text) as VerdictAnswer | undefined;
    if (answer?.verdict !== undefined) onVerdict(answer);
  } catch {
    // A proxy's page, or nothing: the next report has another answer.
  }
}
