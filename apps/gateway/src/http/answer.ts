import { STATUS_CODES, validateHeaderValue } from 'node:http';
import type { Reply } from './route.ts';

/** How long a connection may rest, seconds: longer than a beat's interval, so that a player's connection serves its next beat too. */
export const KEEP_ALIVE_S = 65;
const KEEP_ALIVE = `timeout=${KEEP_ALIVE_S}`;

/** What is sent of a reply. */
export interface Answer {
  readonly headers: Readonly<Record<string, string | number>>;
  /** '' where there is no body. */
  readonly text: string;
}

/** The answer of a reply with the headers of its content, those for other origins, and its own; `closes`: the connection ends behind it. */
export function answerOf(
  reply: Reply,
  cors: Readonly<Record<string, string>>,
  { closes }: { readonly closes: boolean },
): Answer {
  const text = reply.json ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
  const headers: Record<string, string | number> = { ...cors };
  if (text !== '') {
    headers['content-type'] = 'application/json';
    headers['cache-control'] = 'no-store';
    headers['content-length'] = Buffer.byteLength(text);
  }
  if (reply.headers !== undefined) Object.assign(headers, reply.headers);
  if (closes) headers['connection'] = 'close';
  else headers['keep-alive'] = KEEP_ALIVE;
  return { headers, text };
}

/** All of an answer, for a connection that is not node:http's. Throws on a header that cannot be sent, and on a reply that is a stream. */
export function answerText(
  reply: Reply,
  cors: Readonly<Record<string, string>>,
  { closes }: { readonly closes: boolean },
): string {
  const { headers, text } = answerOf(reply, cors, { closes });
  if (reply.stream !== undefined) throw new TypeError('a hot route cannot stream');
  let head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}\r\n`;
  for (const name of Object.keys(headers)) {
    const value = String(headers[name]);
    validateHeaderValue(name, value);
    head += `${name}: ${value}\r\n`;
  }
  if (text === '' && reply.status !== 204 && reply.status !== 304) head += 'content-length: 0\r\n';
  if (!closes) head += 'connection: keep-alive\r\n';
  return `${head}date: ${httpDate(Date.now())}\r\n\r\n${text}`;
}

let dateSecond = -1;
let date = '';

/** The time as a Date header has it (RFC 9110, section 5.6.7). */
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (second === dateSecond) return date;
  dateSecond = second;
  date = new Date(now).toUTCString();
  return date;
}
