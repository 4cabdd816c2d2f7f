import type { RecordedPost } from './recording.ts';

/** The line of JSON that a replay ends with. */
export interface ReplayResult {
  readonly posts: number;
  /** Posts that were not answered 2xx. */
  readonly refused: number;
  /** CMCD lines sent; of neutral events the beats and events. */
  readonly lines: number;
  /** Lines that differ in (sid, ts, e, sn) within their ticket; those without a sid are none of them. */
  readonly distinctLines: number;
  readonly linesWithoutSid: number;
  /** Summed over the sessions' lookups. */
  readonly beats: number;
  readonly events: number;
}

/** Counts what is sent and what is answered. */
export class Tally {
  posts = 0;
  refused = 0;
  lines = 0;
  linesWithoutSid = 0;
  lastRefusal = '';
  readonly #identities = new Set<string>();

  get distinctLines(): number {
    return this.#identities.size;
  }

  count({ lines }: RecordedPost, ticket: string, outcome: { readonly status: number; readonly detail: string }): void {
    this.posts++;
    if (outcome.status < 200 || outcome.status > 299) {
      this.refused++;
      this.lastRefusal = `${outcome.status} ${outcome.detail}`.trim();
    }
    for (const { identity } of lines) {
      this.lines++;
      if (identity === undefined) this.linesWithoutSid++;
      else this.#identities.add(`${ticket} ${identity}`);
    }
  }

  result(counted: { readonly beats: number; readonly events: number }): ReplayResult {
    const { posts, refused, lines, distinctLines, linesWithoutSid } = this;
    return { posts, refused, lines, distinctLines, linesWithoutSid, beats: counted.beats, events: counted.events };
  }
}
