/**
 * A task's state in Redis.
 *
 *     playhead:{<application>:<task>}:epoch        owners so far
 *     playhead:{<application>:<task>}:checkpoint   of the last commit
 *     playhead:{<application>:<task>}:hashes       names of the hashes below
 *     playhead:{<application>:<task>}:staging      what a large commit has sent so far
 *     playhead:{<application>:<task>}:store/<…>    rows: changelog key → timestamp(8) ‖ value
 */
import { type Redis } from 'ioredis';
import { backoffMs, pause } from '../../../kafka/retry.ts';
import type { Logger } from '../../../kafka/types.ts';
import type { ChangelogWriter } from '../../../state/state-store.ts';
import type { StorePlan } from '../../../topology/topology-plan.ts';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { FencedStorageError, StorageAwayError, type TakeStored, type TaskStorage } from '../state-backend.ts';
import type { StorageOutages } from '../storage-outages.ts';
import { teedStore } from '../teed-store.ts';
import { retryWhileAway } from '../retry-while-away.ts';
import { takeEach } from '../until-ready.ts';
import { readRow, RedisRows, type Operation } from './redis-rows.ts';
import { CLAIM, COMMIT, FENCED, READ, STAGE, WIPE } from './redis-scripts.ts';

/** Arguments and bytes of one request: a commit that is larger is staged first. */
const MAX_ARGUMENTS = 15_000;
const MAX_REQUEST_BYTES = 1024 * 1024;
const SCAN_COUNT = 1_000;
const META = 'meta';

/** What a task's storage is made of. */
export interface RedisTaskOptions {
  readonly redis: Redis;
  readonly applicationId: string;
  readonly taskId: string;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly outages: StorageOutages;
}

/** See above. The stores are in memory and filled when the task comes. */
export class RedisTaskStorage implements TaskStorage {
  readonly isDurable = true;
  /** Redis does not answer: nothing is to be processed meanwhile. */
  isAway = false;
  readonly diskUsage = undefined;
  readonly #options: RedisTaskOptions;
  readonly #rows = new Map<string, RedisRows>();
  readonly #closing = new AbortController();
  #epoch = '';

  constructor(options: RedisTaskOptions) {
    this.#options = options;
  }

  get uncommittedBytes(): number {
    let bytes = 0;
    for (const rows of this.#rows.values()) bytes += rows.uncommittedBytes;
    return bytes;
  }

  createStore(): undefined {
    return undefined;
  }

  tee(plan: StorePlan): ChangelogWriter {
    const rows = new RedisRows(teedStore(plan));
    this.#rows.set(plan.name, rows);
    return rows;
  }

  async ready(): Promise<Checkpoint | undefined> {
    const claimed = await this.#ask(CLAIM, ['epoch', 'checkpoint'], []);
    const [epoch, text] = claimed as [Buffer, Buffer | null];
    this.#epoch = epoch.toString();
    const metas = await this.#call(() => this.#options.redis.hgetallBuffer(this.#key(`store/${META}`)));
    for (const [name, rows] of this.#rows) rows.open(metas[name]);
    return text === null ? undefined : decodeCheckpoint(text.toString());
  }

  async load({ name }: StorePlan, take: TakeStored): Promise<void> {
    const { logger } = this.#options;
    for (const hash of this.#rows.get(name)?.hashes() ?? []) {
      // Tried again by itself: a store that has been filled in part cannot be filled once more.
      const found = await retryWhileAway(() => this.#readHash(hash), logger, this.#closing.signal);
      // In the order of the keys: rows of a join that have the same time are told apart by their sequence.
      const rows = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
      await takeEach(rows, ([, { field, row }]) => {
        const { timestamp, value } = readRow(row);
        take(field, value, timestamp);
      });
    }
  }

  async wipe(): Promise<void> {
    await this.#ask(WIPE, ['epoch', 'checkpoint', 'hashes', 'staging'], [this.#epoch]);
    for (const rows of this.#rows.values()) rows.reset();
  }

  seal(): void {
    for (const rows of this.#rows.values()) rows.seal();
  }

  /** For as long as it takes while Redis is away. Without effect after `close`. */
  async commit(checkpoint: Checkpoint): Promise<void> {
    const text = encodeCheckpoint(checkpoint);
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      try {
        // After an error nobody knows what became of the last try.
        if (failures === 0 || !(await this.#isStored(text))) await this.#write(text);
        if (failures > 0) this.#options.logger.info({ task: this.#options.taskId }, 'state can be reached again');
        this.isAway = false;
        for (const rows of this.#rows.values()) rows.committed();
        return;
      } catch (error) {
        if (!(error instanceof StorageAwayError)) throw error;
        if (!this.isAway)
          this.#options.logger.warn({ err: error }, 'state cannot be reached: processing pauses until it can');
        this.isAway = true;
        await pause(backoffMs(++failures), signal);
      }
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#options.outages.ended(this.#options.taskId);
    for (const rows of this.#rows.values()) rows.reset();
    return Promise.resolve();
  }

  async #isStored(text: string): Promise<boolean> {
    const stored = (await this.#ask(READ, ['epoch', 'checkpoint'], [this.#epoch])) as Buffer | null;
    return stored?.toString() === text;
  }

  async #write(checkpoint: string): Promise<void> {
    const hashes: string[] = [];
    const places = new Map<string, number>();
    const placeOf = (hash: string): number => {
      let place = places.get(hash);
      if (place === undefined) {
        place = hashes.push(`store/${hash}`);
        places.set(hash, place);
      }
      return place;
    };
    let chunk: (string | Buffer)[] = [];
    let bytes = 0;
    let isStaged = false;
    for (const operation of this.#operations()) {
      const { kind, hash } = operation;
      const field = kind === 'u' ? '' : operation.field;
      const row = kind === 's' ? operation.row : '';
      if (
        chunk.length + 3 > MAX_ARGUMENTS ||
        (chunk.length > 0 && bytes + field.length + row.length > MAX_REQUEST_BYTES)
      ) {
        await this.#ask(STAGE, ['epoch', 'staging'], [this.#epoch, isStaged ? '0' : '1', ...chunk]);
        isStaged = true;
        chunk = [];
        bytes = 0;
      }
      chunk.push(`${kind}${placeOf(hash)}`, field, row);
      bytes += field.length + row.length;
    }
    const names = ['epoch', 'checkpoint', 'hashes', 'staging', ...hashes];
    // What an earlier try has staged is not ours to apply.
    await this.#ask(COMMIT, names, [this.#epoch, checkpoint, isStaged ? '1' : '0', ...chunk]);
  }

  *#operations(): Generator<Operation> {
    for (const rows of this.#rows.values()) yield* rows.operations(META);
  }

  async #readHash(hash: string): Promise<Map<string, { readonly field: Buffer; readonly row: Buffer }>> {
    const key = this.#key(`store/${hash}`);
    const found = new Map<string, { readonly field: Buffer; readonly row: Buffer }>();
    let cursor = '0';
    do {
      const [next, elements] = await this.#call(() =>
        this.#options.redis.hscanBuffer(key, cursor, 'COUNT', SCAN_COUNT),
      );
      cursor = next.toString();
      for (let at = 0; at + 1 < elements.length; at += 2) {
        const field = elements[at] as Buffer;
        found.set(field.toString('latin1'), { field, row: elements[at + 1] as Buffer });
      }
    } while (cursor !== '0');
    return found;
  }

  #ask(script: string, keys: readonly string[], values: readonly (string | Buffer)[]): Promise<unknown> {
    const names = keys.map((key) => this.#key(key));
    return this.#call(() => this.#options.redis.callBuffer('EVAL', script, names.length, ...names, ...values));
  }

  /** What Redis refuses for good (a script's error, a wrong password) is rejected with as it is; everything else is Redis being away. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    const { taskId, clock, outages } = this.#options;
    try {
      const answer = await work();
      outages.ended(taskId);
      return answer;
    } catch (error) {
      const { name, message } = error as Error;
      if (message.includes(FENCED)) throw new FencedStorageError(taskId);
      if (name === 'ReplyError' && !/^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM)\b/.test(message))
        throw error;
      if (!this.#closing.signal.aborted) outages.failed(taskId, clock());
      throw new StorageAwayError(taskId, error);
    }
  }

  #key(name: string): string {
    const { applicationId, taskId } = this.#options;
    return `playhead:{${applicationId}:${taskId}}:${name}`;
  }
}
