import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { plainRequest } from '../../src/http/plain-request.ts';

const SEED = 20_261_122;
const BODY = '{"sequence":1,"title":"Die Brücke"}';
const LINE = 'POST /v1/heartbeats HTTP/1.1';
const GET_LINE = 'GET /v1/authorization HTTP/1.1';
const LENGTH = `Content-Length: ${Buffer.byteLength(BODY)}`;
const FIELDS = ['Host: gateway:8080', 'Playback-Ticket: eyJ0.abc-_.=', 'Content-Type: application/json'];

const message = (fields: readonly string[], { line = LINE, body = BODY } = {}): Buffer =>
  Buffer.from(`${[line, ...fields].join('\r\n')}\r\n\r\n${body}`);
const BEAT = message([...FIELDS, LENGTH]);
const GET = message(FIELDS, { line: GET_LINE, body: '' });

/** What messages are made of, and what breaks them. */
const PIECES =
  `\r\n|\n|\r| |\t|:|: |,|\0|é|0|5|+|-|chunked|a|{}|HTTP/1.1|Host: b|Content-Length: 0|Content-Length: 5|Transfer-Encoding: chunked|Connection: close|X-Title: a b|Accept:|Cookie: a=b; c=d|Expect: 100-continue|GET / HTTP/1.1|User-Agent: a`.split(
    '|',
  );

describe('a plain request', () => {
  it('is read whole: line, headers in lower case, body', () => {
    const request = plainRequest(BEAT);
    expect(request?.line).toBe(LINE);
    expect(request?.headers).toEqual({
      host: 'gateway:8080',
      'playback-ticket': 'eyJ0.abc-_.=',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(BODY)),
    });
    expect(request?.body.toString()).toBe(BODY);
  });

  it.each<[string, Buffer]>([
    ['a GET without a length', GET],
    ['a connection that is kept', message([...FIELDS, LENGTH, 'Connection: keep-alive'])],
    ['a body of nothing', message([...FIELDS, 'Content-Length: 0'], { body: '' })],
  ])('may be %s', (_, chunk) => {
    expect(plainRequest(chunk)).toBeDefined();
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a part of a head', BEAT.subarray(0, 40)],
    ['a head whose body is on its way', BEAT.subarray(0, -1)],
    ['two requests in one chunk', Buffer.concat([BEAT, BEAT])],
    ['a post without a length', message(FIELDS)],
    ['a length that is not a number', message([...FIELDS, `${LENGTH}a`])],
    ['a length with a sign', message([...FIELDS, LENGTH.replace(': ', ': +')])],
    ['a length with a leading zero', message([...FIELDS, LENGTH.replace(': ', ': 0')])],
    ['two lengths', message([...FIELDS, LENGTH, LENGTH])],
    ['a list of lengths', message([...FIELDS, `${LENGTH}, ${Buffer.byteLength(BODY)}`])],
    ['a chunked body', message([...FIELDS, 'Transfer-Encoding: chunked'], { body: '2\r\n{}\r\n0\r\n\r\n' })],
    ['a length and chunks', message([...FIELDS, LENGTH, 'Transfer-Encoding: chunked'])],
    ['a header twice', message([...FIELDS, LENGTH, 'X-Forwarded-For: a', 'x-forwarded-for: b'])],
    ['no host', message([...FIELDS.slice(1), LENGTH])],
    ['a connection to be closed', message([...FIELDS, LENGTH, 'Connection: close'])],
    ['an upgrade', message([...FIELDS, LENGTH, 'Connection: Upgrade', 'Upgrade: h2c'])],
    ['one that expects an answer first', message([...FIELDS, LENGTH, 'Expect: 100-continue'])],
    ['a space before a colon', message([...FIELDS, LENGTH, 'Accept : */*'])],
    ['no space behind a colon', message([...FIELDS, LENGTH, 'Accept:*/*'])],
    ['a space behind a value', message([...FIELDS, LENGTH, 'Accept: */* '])],
    ['a folded value', message([...FIELDS, LENGTH, 'Accept: a', ' b'])],
    ['a value beyond ASCII', message([...FIELDS, LENGTH, 'X-Title: Brücke'])],
    ['a NUL in a value', message([...FIELDS, LENGTH, 'X-Title: a\0b'])],
    ['a name that is none', message([...FIELDS, LENGTH, '__proto__: a'])],
    ['a name that every object has', message([...FIELDS, LENGTH, 'constructor: a'])],
    ['a bare line feed', Buffer.from(BEAT.toString('latin1').replace('\r\nPlayback', '\nPlayback'), 'latin1')],
    ['no headers', message([], { body: '' })],
    ['a head beyond 8 KiB', message([...FIELDS, LENGTH, `X-Long: ${'a'.repeat(9000)}`])],
  ])('is not %s', (_, chunk) => {
    expect(plainRequest(chunk)).toBeUndefined();
  });

  describe('beside node:http', () => {
    let server: Server;
    /** What node:http has read since the last connection began. */
    let read: { line: string; headers: object; body: string }[];

    beforeAll(async () => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
          read.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString('latin1') });
          response.end();
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    async function readByHttp(chunk: Buffer): Promise<typeof read> {
      read = [];
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.on('error', () => undefined).resume();
      const closed = once(socket, 'close');
      socket.end(chunk);
      await closed;
      return read;
    }

    const piece = fc.constantFrom(...PIECES);
    const edit = fc.record({
      at: fc.nat(BEAT.length),
      gone: fc.constantFrom(0, 0, 0, 1, 2, 20),
      piece,
      line: fc.boolean(),
    });
    const edited = fc
      .tuple(fc.constantFrom(BEAT, GET), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(([chunk, edits]) => {
        let text = chunk.toString('latin1');
        for (const { at, gone, piece: added, line } of edits) {
          const begin = line ? text.indexOf('\r\n', at % text.length) + 2 : at % text.length;
          text = text.slice(0, begin) + added + (line ? '\r\n' : '') + text.slice(begin + gone);
        }
        return Buffer.from(text, 'latin1');
      });

    it(`is what node:http reads, for whatever becomes of a message (seed ${SEED})`, async () => {
      let compared = 0;
      await fc.assert(
        fc.asyncProperty(edited, async (chunk) => {
          const request = plainRequest(chunk);
          if (request === undefined) return;
          const { line, headers, body } = request;
          // What no route is called goes to node:http anyway.
          if (line !== LINE && line !== GET_LINE) return;
          compared += 1;
          expect(await readByHttp(chunk)).toEqual([{ line, headers, body: body.toString('latin1') }]);
        }),
        { seed: SEED, numRuns: 40_000 },
      );
      expect(compared).toBeGreaterThan(1000);
    });
  });
});
