import type { IncomingHttpHeaders } from 'node:http';

/** A request of which every byte is there. */
export interface PlainRequest {
  /** Method, target and version: `POST /v1/heartbeats HTTP/1.1`. */
  readonly line: string;
  /** As node:http has them: names in lower case. A value is a part of the whole head's text and keeps that in memory: it is copied where it is kept for long. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A longer head is not plain; node:http takes 16 KiB. */
const MAX_HEAD_BYTES = 8 * 1024;
const END_OF_HEAD = '\r\n\r\n';
/** `Name: value`, one space, nothing around the value, visible ASCII: the one form of a field line (RFC 9112, section 5) on which all parsers agree. */
const FIELD_LINES = /^(?:[A-Za-z0-9-]+: [\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?\r\n)+$/;
const LENGTH = /^(?:0|[1-9]\d{0,8})$/;
/** Fields that change how a message or its connection is read, or that node:http gives another form. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  'expect',
  'proxy-connection',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a chunk that is one whole request of the plainest form; undefined for everything else, which is node:http's to read
 * or to refuse. Never more lenient than that: what is read here is what node:http would have read.
 */
export function plainRequest(chunk: Buffer): PlainRequest | undefined {
  const endOfHead = chunk.indexOf(END_OF_HEAD, 0, 'latin1');
  if (endOfHead > MAX_HEAD_BYTES) return undefined;
  const head = chunk.toString('latin1', 0, endOfHead + 2);
  const endOfLine = head.indexOf('\r\n');
  if (endOfHead <= endOfLine) return undefined;
  const fields = head.slice(endOfLine + 2);
  if (!FIELD_LINES.test(fields)) return undefined;
  const headers = headersOf(fields);
  if (headers?.host === undefined) return undefined;
  const line = head.slice(0, endOfLine);
  const body = chunk.subarray(endOfHead + END_OF_HEAD.length);
  return bodyLength(line, headers) === body.length ? { line, headers, body } : undefined;
}

function headersOf(fields: string): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (let start = 0; start < fields.length;) {
    const colon = fields.indexOf(':', start);
    const end = fields.indexOf('\r\n', colon);
    const name = fields.slice(start, colon).toLowerCase();
    // A second one of a name also: node:http has rules for each.
    if (name in headers || NOT_PLAIN.has(name)) return undefined;
    headers[name] = fields.slice(colon + 2, end);
    start = end + 2;
  }
  const { connection } = headers;
  return connection === undefined || connection.toLowerCase() === 'keep-alive' ? headers : undefined;
}

/** NaN: the body's length is not said plainly. */
function bodyLength(line: string, headers: IncomingHttpHeaders): number {
  const length = headers['content-length'];
  if (length === undefined) return line.startsWith('GET ') ? 0 : Number.NaN;
  return LENGTH.test(length) ? Number(length) : Number.NaN;
}
