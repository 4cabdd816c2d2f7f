import { request } from 'node:http';
import type { AccountSeen, EventSeen } from '../history.ts';

const RECONNECT_MS = 50;
/** A gateway that was killed is noticed by its connection; one that says nothing for so long is left. */
const SILENT_MS = 30_000;

/** Who listens, and where. */
export interface ListenerParts {
  readonly urls: readonly string[];
  readonly token: string;
  readonly account: AccountSeen;
  /** Of the urls, the first to be listened to; then each in turn. */
  readonly firstGateway: number;
}

/** Listens for changes of an account's verdicts, and comes back with the id of the last event whenever a connection ends: each time to the other gateway. */
export class VerdictListener {
  readonly #parts: ListenerParts;
  readonly #ended = new AbortController();
  #lastId: string | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** Resolves after {@link end}. */
  async run(): Promise<void> {
    const { urls, firstGateway } = this.#parts;
    for (let i = firstGateway; !this.#ended.signal.aborted; i++) {
      await this.#listen(urls[i % urls.length]!);
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  end(): void {
    this.#ended.abort();
  }

  /** Resolves when the connection has ended, whatever the reason. */
  #listen(url: string): Promise<void> {
    const { account, token } = this.#parts;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }),
    };
    return new Promise((resolve) => {
      const path = `/v1/accounts/${account.account}/verdict-events`;
      const outgoing = request(`${url}${path}`, {
        headers,
        signal: this.#ended.signal,
        timeout: SILENT_MS,
        agent: false,
      });
      outgoing.on('response', (response) => {
        let unread = '';
        if (response.statusCode !== 200) response.destroy();
        else account.connections++;
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          const blocks = `${unread}${text}`.split('\n\n');
          unread = blocks.pop() ?? '';
          for (const block of blocks) this.#take(parseEvent(block));
        });
        response.on('error', () => undefined);
        response.on('close', resolve);
      });
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', () => undefined);
      outgoing.on('close', resolve);
      outgoing.end();
    });
  }

  #take(event: EventSeen | undefined): void {
    if (event === undefined) return;
    if (event.id !== undefined) this.#lastId = event.id;
    this.#parts.account.events.push(event);
  }
}

/** A block of a stream of events (HTML, server-sent events); undefined for a comment. */
export function parseEvent(block: string): EventSeen | undefined {
  const fields = new Map(
    block.split('\n').map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const type = fields.get('event');
  if (type !== 'verdict' && type !== 'reset') return undefined;
  const { session, verdict } = JSON.parse(fields.get('data') ?? '{}') as Pick<EventSeen, 'session' | 'verdict'>;
  return { type, id: fields.get('id'), session, verdict };
}
