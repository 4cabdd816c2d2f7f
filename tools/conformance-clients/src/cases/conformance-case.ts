import type { ClientDriver, OperationName } from '../drivers/client-driver.ts';
import type { OwnClient } from '../own-client.ts';

/** The columns of the table. */
export const CAPABILITIES = [
  'codecs',
  'group of three, one leaves',
  'restart of the broker',
  'seek by time',
  'transaction: commit',
  'transaction: abort',
  'transaction: fence',
  'admin',
] as const;

/** See `CAPABILITIES`. */
export type Capability = (typeof CAPABILITIES)[number];

/** What a case is given. */
export interface CaseContext {
  readonly client: string;
  /** Whether the client can do this at all. */
  can(operation: OperationName): boolean;
  /** Starts another process of the client; it ends with the case. */
  open(): ClientDriver;
  /** One process each of all installed clients, this one among them, by name; shared, for reading. */
  readonly readers: ReadonlyMap<string, ClientDriver>;
  readonly own: OwnClient;
  /** Takes the step again and again until the broker was restarted so many times meanwhile. */
  duringRestarts(times: number, step: () => Promise<void>): Promise<void>;
  /** A name that no other case and no other run has. */
  unique(what: string): string;
  /** A directory that is removed when the run ends. */
  readonly temporaryDirectory: string;
}

/** One test, run with every client of its kind. */
export interface ConformanceCase {
  readonly capability: Capability;
  /** A plain sentence without spaces, as the table shows it. */
  readonly name: string;
  readonly kind: 'client' | 'streams';
  /** What a client must be able to do for this case; where it cannot, the case does not exist for it. */
  readonly needs: readonly OperationName[];
  /** Cases that end the broker run together, after all others. */
  readonly restartsBroker?: boolean;
  /** Rejects with an AssertionError, which says what was expected and what came. */
  run(context: CaseContext): Promise<void>;
}
