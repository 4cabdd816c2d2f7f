import { Agent, request } from 'node:http';
import { hostileBody } from './hostile-bodies.ts';

const CONNECTIONS = 32;
/** An answer that never came: a connection that was closed behind an answer may take the next request with it. */
const NO_ANSWER = -1;
const SHOWN_CHARACTERS = 120;

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly statuses: ReadonlySet<string>;
}

/** Sends fuzzed bodies to every operation that takes one, by turns and as a caller drawn by the seed. */
export class BodyFuzzer {
  /** How often each status was answered; -1: not at all. */
  readonly statuses = new Map<number, number>();
  /** Answers of 5xx and of a status that the document does not have, with the operation and the body's beginning. */
  readonly wrong: string[] = [];
  readonly #gateway: string;
  readonly #callers: readonly Readonly<Record<string, string>>[];
  readonly #random: () => number;
  readonly #operations: readonly Operation[];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  #sent = 0;

  private constructor(
    gateway: string,
    operations: readonly Operation[],
    callers: readonly Readonly<Record<string, string>>[],
    random: () => number,
  ) {
    this.#gateway = gateway;
    this.#operations = operations;
    this.#callers = callers;
    this.#random = random;
  }

  /** Reads the OpenAPI document. `callers` are headers with credentials. */
  static async create(
    gateway: string,
    callers: readonly Readonly<Record<string, string>>[],
    random: () => number,
  ): Promise<BodyFuzzer> {
    const document = (await (await fetch(`${gateway}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: object; requestBody?: object }>>;
    };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { requestBody }]) => requestBody !== undefined)
        .map(([method, { responses }]) => {
          return { method: method.toUpperCase(), path, statuses: new Set(Object.keys(responses)) };
        }),
    );
    return new BodyFuzzer(gateway, operations, callers, random);
  }

  /** Sends so many more; resolves when all are answered. */
  async send(count: number): Promise<void> {
    const end = this.#sent + count;
    const work = async (): Promise<void> => {
      while (this.#sent < end) await this.#sendOne(this.#operations[this.#sent++ % this.#operations.length]!);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, work));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #sendOne(operation: Operation): Promise<void> {
    const path = operation.path.replaceAll(/\{\w+\}/g, 'acc-1');
    const caller = this.#callers[Math.floor(this.#random() * this.#callers.length)]!;
    const type = this.#random() < 0.9 ? 'application/json' : 'text/plain';
    const body = hostileBody(this.#random);
    const status = await this.#ask(operation.method, path, { 'content-type': type, ...caller }, body);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status !== NO_ANSWER && (status >= 500 || !operation.statuses.has(String(status)))) {
      const shown = body.toString('latin1').slice(0, SHOWN_CHARACTERS);
      this.wrong.push(`${operation.method} ${operation.path} ${status}: ${shown}`);
    }
  }

  #ask(method: string, path: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<number> {
    return new Promise((resolve) => {
      const options = { agent: this.#agent, method, headers: { ...headers, 'content-length': body.length } };
      const outgoing = request(new URL(path, this.#gateway), options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', () => resolve(NO_ANSWER));
      });
      outgoing.on('error', () => resolve(NO_ANSWER));
      outgoing.end(body);
    });
  }
}
