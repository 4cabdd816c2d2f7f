import type { Logger } from '../../kafka/types.ts';
import { LmdbBackend } from './lmdb/lmdb-backend.ts';
import { RedisBackend } from './redis/redis-backend.ts';
import { MemoryBackend } from './memory-backend.ts';
import type { StateBackend } from './state-backend.ts';
import type { StorageOutages } from './storage-outages.ts';

/** Where state is durable beside the changelogs. `memory`: nowhere, it comes back from them. */
export type StateOptions = 'memory' | { readonly lmdb: LmdbOptions } | { readonly redis: RedisOptions };

/** State on disk, read through: one LMDB environment per task. */
export interface LmdbOptions {
  /** A directory of this process alone, on a local file system; tasks lie in `<stateDir>/<applicationId>/<task>`. */
  readonly stateDir: string;
  /** Decoded entries that all stores of the instance may keep in memory beside what is not committed. Default 64 MiB. */
  readonly cacheBytes?: number | undefined;
  /** `state.cleanup.delay.ms`: the state of a task that has been elsewhere for so long is removed. Default 600,000. */
  readonly cleanupDelayMs?: number | undefined;
}

/** State in Redis, shared by all instances: loaded when a task comes, written at each commit. */
export interface RedisOptions {
  /** `redis://` or `rediss://`, with user, password and database where there are. */
  readonly url: string;
}

/** What a backend is made with. */
export interface BackendContext {
  readonly applicationId: string;
  readonly logger: Logger;
  readonly clock: () => number;
  /** How long state that is elsewhere may be away at the start; without it, it must be there at once. */
  readonly taskTimeoutMs?: number | undefined;
  /** Told what cannot be reached. Default: nobody is. */
  readonly outages?: StorageOutages | undefined;
}

/** The backend that the settings name. */
export function createStateBackend(options: StateOptions, context: BackendContext): StateBackend {
  if (options === 'memory') return new MemoryBackend();
  // Undefined is not given, as everywhere in a configuration.
  const { lmdb, redis } = options as { readonly lmdb?: LmdbOptions; readonly redis?: RedisOptions };
  if (lmdb !== undefined) return new LmdbBackend(lmdb, context);
  return new RedisBackend(redis as RedisOptions, context);
}

/** What is wrong with `state`; empty when nothing is. */
export function stateProblems(options: unknown): string[] {
  if (options === undefined || options === 'memory') return [];
  const { lmdb, redis } = (typeof options === 'object' ? (options ?? {}) : {}) as {
    lmdb?: Partial<LmdbOptions>;
    redis?: Partial<RedisOptions>;
  };
  if ((lmdb === undefined) === (redis === undefined))
    return [`state is ${JSON.stringify(options)}; allowed: 'memory', { lmdb: { stateDir } }, { redis: { url } }`];
  if (redis !== undefined) {
    const { url } = redis;
    const isUrl = typeof url === 'string' && URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol);
    return isUrl ? [] : ['state.redis.url is not a URL; allowed: redis://host:port or rediss://host:port'];
  }
  return lmdbProblems(lmdb ?? {});
}

function lmdbProblems({ stateDir, cacheBytes, cleanupDelayMs }: Partial<LmdbOptions>): string[] {
  const problems: string[] = [];
  if (typeof stateDir !== 'string' || stateDir === '') problems.push('state.lmdb.stateDir is empty; allowed: a path');
  for (const [name, value, min] of [
    ['cacheBytes', cacheBytes, 0],
    ['cleanupDelayMs', cleanupDelayMs, 0],
  ] as const) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= 2 ** 46)) continue;
    problems.push(`state.lmdb.${name} is ${value}; allowed: integers from ${min} to ${2 ** 46}`);
  }
  return problems;
}
