/** One POST of a recorded player. */
export interface RecordedPost {
  /** Since the recording's start. */
  readonly tMs: number;
  /** The ticket named in the recording; a fresh one takes its place. */
  readonly ticket: string;
  /** Path and query, without the ticket. */
  readonly path: string;
  readonly contentType: string;
  /** Made when it is sent, because beats carry the time of sending. */
  readonly body: (sentAtMs: number) => string;
  /** CMCD lines, or beats and events of a player of ours. */
  readonly lines: readonly RecordedLine[];
}

/** What can be told of a line without sending it. */
export interface RecordedLine {
  /** Two lines of a ticket with the same identity are one. Undefined: nothing tells it from its like, and nobody counts it. */
  readonly identity: string | undefined;
  /** After this line the stream is over. */
  readonly final: boolean;
}

/** What one account does. */
export interface Recording {
  /** For people: the file's name, and the session where a file has several. */
  readonly name: string;
  readonly content: string;
  readonly kind: 'LIVE' | 'VOD' | 'CATCHUP';
  /** Sorted by `tMs`. */
  readonly posts: readonly RecordedPost[];
  /** Tickets to be ended properly after the last post. */
  readonly stops: readonly string[];
}

/** The tickets that a recording names, in the order of their first post. */
export const ticketsOf = ({ posts }: Recording): readonly string[] => [...new Set(posts.map(({ ticket }) => ticket))];
