import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { appendFile, open, rename, rm, writeFile } from 'node:fs/promises';
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
/** The file is written anew when it has twice the lines that it was last written anew with, but not below so many. */
const MIN_LINES_TO_REWRITE = 1000;
/** Lines that are written at a time, so that nginx is answered in between. */
const LINES_AT_A_TIME = 1000;

/**
 * The sessions that were revoked. On the disk, flushed, before it is acknowledged: whoever told us does not tell us again,
 * not after a power cut either. What comes during a flush is written and flushed together. What is told again changes
 * nothing, unless it holds for longer.
 */
export class RevocationList {
  readonly #path: string;
  readonly #now: () => number;
  readonly #sessions = new Map<string, number>();
  /** One write at a time: two could get into each other's lines. */
  #writing: Promise<unknown> = Promise.resolve();
  /** What the next write takes, once it has been asked for. */
  #waiting: RevokedSession[] = [];
  #next: Promise<void> | undefined;
  /** Lines of the file, and with how many it is written anew. */
  #lines = 0;
  #rewriteAt = 0;
  /** The last append failed, perhaps within its line. */
  #isTorn = false;
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
    writeFileSync(`${path}.new`, [...this.#inForce()].join(''), { flush: true });
    renameSync(`${path}.new`, path);
    flushDirectory(dirname(path));
    this.#wasRewritten();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Resolves when the disk has it. */
  async add({ tenant, account, session, expiresAt }: RevokedSession): Promise<void> {
    const revoked = { tenant, account, session, expiresAt };
    if ((this.#sessions.get(keyOf(revoked)) ?? 0) >= expiresAt) return;
    this.#waiting.push(revoked);
    await (this.#next ??= this.#writeNext());
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#writing;
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
    this.#sessions.set(key, Math.max(this.#sessions.get(key) ?? 0, revoked.expiresAt));
  }

  /** Writes what waits when nothing else is written any more. */
  #writeNext(): Promise<void> {
    const written = this.#writing.then(() => {
      this.#next = undefined;
      return this.#append(this.#waiting.splice(0));
    });
    this.#writing = written.then(() => this.#rewriteWhenLong()).catch(() => undefined);
    return written;
  }

  async #append(revoked: readonly RevokedSession[]): Promise<void> {
    const lines = revoked.map((one) => `${JSON.stringify(one)}\n`).join('');
    // What an append left that failed is a line of its own, or it would spoil these.
    const text = this.#isTorn ? `\n${lines}` : lines;
    this.#isTorn = true;
    await appendFile(this.#path, text, { flush: true });
    this.#isTorn = false;
    this.#lines += revoked.length;
    for (const one of revoked) this.#enter(one);
  }

  /** The file anew, in one step, with what is in force. The old one stays when there is no room for both. */
  async #rewriteWhenLong(): Promise<void> {
    if (this.#lines < this.#rewriteAt) return;
    try {
      await writeFile(`${this.#path}.new`, this.#inForce(), { flush: true });
      await rename(`${this.#path}.new`, this.#path);
      // Or what is appended from here on could be lost with the new name.
      const directory = await open(dirname(this.#path));
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    } catch {
      await rm(`${this.#path}.new`, { force: true });
    }
    this.#wasRewritten();
  }

  #wasRewritten(): void {
    this.#lines = this.#sessions.size;
    this.#rewriteAt = Math.max(MIN_LINES_TO_REWRITE, 2 * this.#lines);
  }

  /** The lines of what is in force, many at a time; what has expired is forgotten. */
  *#inForce(): Generator<string> {
    let lines: string[] = [];
    for (const [key, expiresAt] of this.#sessions) {
      if (expiresAt <= this.#now()) {
        this.#sessions.delete(key);
        continue;
      }
      const [tenant, account, session] = JSON.parse(key) as string[];
      lines.push(`${JSON.stringify({ tenant, account, session, expiresAt })}\n`);
      if (lines.length < LINES_AT_A_TIME) continue;
      yield lines.join('');
      lines = [];
    }
    yield lines.join('');
  }
}

const keyOf = ({ tenant, account, session }: Omit<RevokedSession, 'expiresAt'>): string =>
  JSON.stringify([tenant, account, session]);

function flushDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

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
