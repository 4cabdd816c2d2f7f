import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived: `POST /subjects/x` and its parsed body. */
export interface FakeRequest {
  readonly route: string;
  readonly body: unknown;
}

/** An answer to a route; 'reset' ends the connection without one, and a function is asked for each request. */
export type FakeAnswer = readonly [status: number, body: object] | 'reset' | (() => FakeAnswer);

/** A Schema Registry that says what the test tells it to, and 404 to the rest. */
export async function startFakeRegistry(answers: Record<string, FakeAnswer>): Promise<{
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  close(): Promise<void>;
}> {
  const requests: FakeRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const route = `${request.method} ${request.url}`;
      const text = Buffer.concat(chunks).toString();
      requests.push({ route, body: text === '' ? undefined : JSON.parse(text) });
      let answer = answers[route] ?? [404, { error_code: 40401, message: 'Subject not found.' }];
      while (typeof answer === 'function') answer = answer();
      if (answer === 'reset') {
        request.socket.destroy();
        return;
      }
      const [status, body] = answer;
      response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
