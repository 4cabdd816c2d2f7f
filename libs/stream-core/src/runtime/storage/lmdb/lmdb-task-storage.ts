import { rmSync } from 'node:fs';
import type { Logger } from '../../../kafka/types.ts';
import type { ChangelogWriter, StateStore } from '../../../state/state-store.ts';
import type { StoreCodecs } from '../../../state/store-builder.ts';
import type { StorePlan } from '../../../topology/topology-plan.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../checkpoint.ts';
import type { DiskUsage, TakeStored, TaskStorage } from '../state-backend.ts';
import { teedStore } from '../teed-store.ts';
import { createDurableStore } from './durable-stores.ts';
import { LmdbEnvironment } from './lmdb-environment.ts';
import type { LmdbPart } from './lmdb-part.ts';
import type { ReadCache } from './read-cache.ts';
import { TeedRows } from './teed-rows.ts';

const CHECKPOINT = 'checkpoint';
/** Of what is stored: a state in another form is wiped and comes back from the changelogs. */
const FORMAT = 'format';
const FORMAT_VERSION = '2';

/** What a task's storage is made of. */
export interface LmdbTaskOptions {
  readonly path: string;
  readonly cache: ReadCache;
  readonly logger: Logger;
  /** Resolves when the last storage of the same task is closed. */
  readonly before: Promise<void>;
  /** Told when it is closed, with what resolves then. */
  readonly onClose: (closed: Promise<void>) => void;
}

/** A task's state in an LMDB environment of its own. */
export class LmdbTaskStorage implements TaskStorage {
  readonly isDurable = true;
  readonly isAway = false;
  readonly #options: LmdbTaskOptions;
  readonly #parts: LmdbPart[] = [];
  readonly #teed = new Map<string, TeedRows>();
  #environment: LmdbEnvironment | undefined;
  #committing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #closed: Promise<void> | undefined;

  constructor(options: LmdbTaskOptions) {
    this.#options = options;
  }

  get uncommittedBytes(): number {
    let bytes = 0;
    for (const part of this.#parts) bytes += part.uncommittedBytes;
    return bytes;
  }

  get diskUsage(): DiskUsage | undefined {
    return this.#environment?.diskUsage;
  }

  createStore(plan: StorePlan, codecs: StoreCodecs): StateStore | undefined {
    const store = createDurableStore(plan, codecs, this.#options.cache);
    if (store !== undefined) this.#parts.push(store);
    return store;
  }

  tee(plan: StorePlan): ChangelogWriter {
    const rows = new TeedRows(teedStore(plan));
    this.#parts.push(rows);
    this.#teed.set(plan.name, rows);
    return rows;
  }

  async ready(): Promise<Checkpoint | undefined> {
    await this.#options.before;
    if (this.#isClosed) return undefined;
    const environment = this.#open();
    const text = environment.meta(CHECKPOINT);
    const checkpoint = text === undefined ? undefined : decodeCheckpoint(text);
    const isReadable = environment.meta(FORMAT) === FORMAT_VERSION;
    for (const part of this.#parts) {
      await part.open(environment);
      // Closed meanwhile: there is nothing to read any more.
      if (this.#isClosed) return undefined;
    }
    return isReadable ? checkpoint : undefined;
  }

  async load({ name }: StorePlan, take: TakeStored): Promise<void> {
    await this.#teed.get(name)?.load(take);
  }

  async wipe(): Promise<void> {
    await this.#closeEnvironment();
    if (this.#isClosed) return;
    rmSync(this.#options.path, { recursive: true, force: true });
    const environment = this.#open();
    for (const part of this.#parts) {
      await part.open(environment);
      if (this.#isClosed) return;
    }
  }

  seal(): void {
    for (const part of this.#parts) part.seal();
  }

  async commit(checkpoint: Checkpoint): Promise<void> {
    const environment = this.#environment;
    if (environment === undefined || this.#isClosed) return;
    const text = encodeCheckpoint(checkpoint);
    this.#committing = environment.transaction(() => {
      for (const part of this.#parts) part.write(environment);
      environment.putMeta(CHECKPOINT, text);
      environment.putMeta(FORMAT, FORMAT_VERSION);
    });
    await this.#committing;
    for (const part of this.#parts) part.committed();
  }

  close(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = this.#close();
      this.#options.onClose(this.#closed);
    }
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#options.before;
    await this.#closeEnvironment();
  }

  /** The stores are empty before it is closed: they may be asked meanwhile, for metrics say. */
  async #closeEnvironment(): Promise<void> {
    await this.#committing.catch(() => undefined);
    for (const part of this.#parts) part.reset();
    await this.#environment?.close();
    this.#environment = undefined;
  }

  /** A file that LMDB cannot read is taken away: the state comes back from the changelogs. */
  #open(): LmdbEnvironment {
    const { path, logger } = this.#options;
    try {
      this.#environment = new LmdbEnvironment(path);
    } catch (error) {
      logger.warn({ err: error, path }, 'stored state cannot be opened: it is restored from the changelogs');
      rmSync(path, { recursive: true, force: true });
      this.#environment = new LmdbEnvironment(path);
    }
    return this.#environment;
  }
}
