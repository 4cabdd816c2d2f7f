import type { LmdbEnvironment } from './lmdb-environment.ts';

/** What a task's environment holds for one store. */
export interface LmdbPart {
  /** The environment is there: it may be empty, and after `reset` another one. */
  open(environment: LmdbEnvironment): Promise<void>;
  /** Bytes of changes that are not committed, sealed or not. */
  readonly uncommittedBytes: number;
  seal(): void;
  /** Inside a transaction: what is sealed. Must not throw. */
  write(environment: LmdbEnvironment): void;
  /** What `write` wrote is committed. */
  committed(): void;
  /** Forgets what is in memory; `open` follows. */
  reset(): void;
}
