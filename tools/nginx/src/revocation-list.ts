import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A session that nothing is served to until then, milliseconds UTC. */
export interface RevokedSession {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly expiresAt: number;
}

/** Sessions that are remembered; with more the one that was revoked first is forgotten, and counted. */
const MAX_REVOKED = 1_000_000;

/**
 * The sessions that were revoked. On the disk before it is acknowledged: whoever told us does not tell us again. A second
 * telling changes nothing.
 */
export class RevocationList {
  readonly #path: string;
  readonly #now: () => number;
  readonly #sessions = new Map<string, number>();
  /** Sessions lost because the list was full. */
  forgotten = 0;

  /** Reads what was kept, without what has expired; a torn last line is left out. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    mkdirSync(dirname(path), { recursive: true });
    for (const line of linesOf(path)) {
      const revoked = parse(line);
      if (revoked !== undefined && revoked.expiresAt > now()) this.#enter(revoked);
    }
    this.#compact();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Resolves when the disk has it. */
  async add({ tenant, account, session, expiresAt }: RevokedSession): Promise<void> {
    const revoked = { tenant, account, session, expiresAt };
    if (this.#sessions.get(keyOf(revoked)) === expiresAt) return;
    await appendFile(this.#path, `${JSON.stringify(revoked)}\n`);
    this.#enter(revoked);
  }

  has(owner: Omit<RevokedSession, 'expiresAt'>): boolean {
    const key = keyOf(owner);
    const until = this.#sessions.get(key);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#sessions.delete(key);
    return false;
  }

  #enter(revoked: RevokedSession): void {
    const key = keyOf(revoked);
    if (!this.#sessions.has(key) && this.#sessions.size >= MAX_REVOKED) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        this.forgotten++;
        break;
      }
    }
    this.#sessions.set(key, revoked.expiresAt);
  }

  /** At the start: the file anew, in one step, with what is in force. */
  #compact(): void {
    const lines = [...this.#sessions].map(([key, expiresAt]) => {
      const [tenant, account, session] = JSON.parse(key) as string[];
      return `${JSON.stringify({ tenant, account, session, expiresAt })}\n`;
    });
    writeFileSync(`${this.#path}.new`, lines.join(''));
    renameSync(`${this.#path}.new`, this.#path);
  }
}

const keyOf = ({ tenant, account, session }: Omit<RevokedSession, 'expiresAt'>): string =>
  JSON.stringify([tenant, account, session]);

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What a line says, as far as it says it. */
export function parse(text: string): RevokedSession | undefined {
  try {
    const { tenant, account, session, expiresAt } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof tenant === 'string' &&
      typeof account === 'string' &&
      typeof session === 'string' &&
      typeof expiresAt === 'number'
      ? { tenant, account, session, expiresAt }
      : undefined;
  } catch {
    return undefined;
  }
}
