import { cmcdLines } from './cmcd-lines.ts';
import type { RecordedPost, Recording } from './recording.ts';

/** A line of a capture: one request that a player's page sent, to the media server or to the collector. */
interface CapturedRequest {
  readonly tMs: number;
  readonly server: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const COLLECTOR_PATH = '/v1/cmcd';
const DEFAULT_TICKET = 'tk-1';

/** Whether a parsed line is of a capture. */
export const isCapture = (line: object): boolean => 'server' in line && 'method' in line;

/** The reports of a capture. Media requests and preflights are left out: they are the browser's business. */
export function readCapture(name: string, lines: readonly object[]): Recording {
  const posts = (lines as readonly CapturedRequest[])
    .filter(
      ({ server, method, path }) => server === 'collector' && method === 'POST' && path.startsWith(COLLECTOR_PATH),
    )
    .map(toPost)
    .sort((a, b) => a.tMs - b.tMs);
  return { name, content: 'film-0001', kind: 'VOD', posts, stops: [] };
}

function toPost({ tMs, path, headers, body = '' }: CapturedRequest): RecordedPost {
  const url = new URL(path, 'http://collector');
  const ticket = url.searchParams.get('ticket') ?? DEFAULT_TICKET;
  url.searchParams.delete('ticket');
  return {
    tMs,
    ticket,
    path: `${url.pathname}${url.search}`,
    contentType: headers?.['content-type'] ?? 'application/cmcd',
    body: () => body,
    lines: cmcdLines(body),
  };
}
