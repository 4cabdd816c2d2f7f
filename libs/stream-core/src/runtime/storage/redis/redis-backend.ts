import { Redis } from 'ioredis';
import { StreamsError } from '../../../errors.ts';
import { backoffMs, pause } from '../../../kafka/retry.ts';
import type { StateBackend, TaskStorage } from '../state-backend.ts';
import type { BackendContext, RedisOptions } from '../state-options.ts';
import { StorageOutages } from '../storage-outages.ts';
import { RedisTaskStorage } from './redis-task-storage.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** A command that is not answered within this time failed: what became of it is asked. */
const COMMAND_TIMEOUT_MS = 10_000;
const LONGEST_RECONNECT_MS = 1_000;
/** The client waits as long for the end of a connection, also of one that has ended, and keeps the process meanwhile. Nothing is on its way then. */
const DISCONNECT_TIMEOUT_MS = 200;

/** State in Redis, the same for all instances: see `RedisTaskStorage`. */
export class RedisBackend implements StateBackend {
  readonly name = 'redis';
  readonly processId = undefined;
  readonly #redis: Redis;
  readonly #context: BackendContext;
  readonly #outages: StorageOutages;
  readonly #closing = new AbortController();
  /** Before, only `open` tries again: the client must not be told to disconnect where there is no connection, see `#disconnect`. */
  #isOpen = false;
  /** Says more than what `connect` is rejected with. */
  #connectionError: Error | undefined;
  readonly #storages = new Set<RedisTaskStorage>();

  constructor({ url }: RedisOptions, context: BackendContext) {
    this.#context = context;
    this.#outages = context.outages ?? new StorageOutages();
    this.#redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      retryStrategy: (attempt) =>
        this.#isOpen ? Math.min(50 * 2 ** Math.min(attempt, 5), LONGEST_RECONNECT_MS) : null,
    });
    // Whoever asks is told; without a listener it would end the process.
    this.#redis.on('error', (error: Error) => {
      this.#connectionError = error;
      context.logger.debug({ err: error }, 'redis connection');
    });
  }

  /** Tried again with backoff for `taskTimeoutMs`, unless Redis refuses (a wrong password). */
  async open(): Promise<void> {
    const { logger, taskTimeoutMs = 0, clock } = this.#context;
    const { signal } = this.#closing;
    const deadline = performance.now() + taskTimeoutMs;
    for (let failures = 1; ; failures++) {
      this.#connectionError = undefined;
      try {
        await this.#redis.connect();
        this.#isOpen = true;
        this.#outages.ended('');
        return;
      } catch (error) {
        this.#disconnect();
        this.#outages.failed('', clock());
        const cause = this.#connectionError ?? (error as Error);
        const wait = backoffMs(failures);
        const unreached = unreachable(cause);
        const isRefused = cause.name === 'ReplyError' && !/^LOADING\b/.test(cause.message);
        if (signal.aborted || isRefused || performance.now() + wait > deadline) throw unreached;
        if (failures === 1) logger.warn({ err: unreached }, 'state cannot be reached; tried again for taskTimeoutMs');
        await pause(wait, signal);
      }
    }
  }

  /** None: any instance has the state of any task at hand. */
  storedTasks(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  openTask(taskId: string): TaskStorage {
    const { applicationId, logger, clock } = this.#context;
    const outages = this.#outages;
    const storage = new RedisTaskStorage({ redis: this.#redis, applicationId, taskId, logger, clock, outages });
    this.#storages.add(storage);
    return storage;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#outages.ended('');
    await Promise.all([...this.#storages].map((storage) => storage.close()));
    this.#disconnect();
  }

  /** Not twice: what has no connection would remember it, and not reconnect after its next one is lost. */
  #disconnect(): void {
    if (this.#redis.status !== 'end') this.#redis.disconnect();
  }
}

const unreachable = (cause: Error): StreamsError =>
  new StreamsError('STREAMS_STATE_STORE', `the Redis of state.redis.url cannot be reached: ${cause.message}`, {
    cause,
  });
