/** What the instances of the benchmark are told. */
export type ToInstance =
  /** Answer this key as soon as this instance is its owner. */
  | { readonly type: 'own'; readonly key: string }
  /** How many keys there are, over all instances, and the values of some. */
  | { readonly type: 'check'; readonly keys: readonly string[] }
  /** What it does now; `id` comes back. */
  | { readonly type: 'report'; readonly id: number }
  | { readonly type: 'stop' };

/** What the instances tell. Times are milliseconds since the epoch, with fractions: all processes are on one machine. */
export type FromInstance =
  /** It runs and has processed all that was there; without an output it has committed that, and its standbys have caught up. */
  | { readonly type: 'ready'; readonly tasks: number; readonly standbys: number; readonly residentBytes: number }
  /** `start` was called at `fromMs`, and `InstanceSettings.tasks` ran at `atMs`. */
  | { readonly type: 'joined'; readonly fromMs: number; readonly atMs: number }
  | { readonly type: 'assigned'; readonly added: readonly string[]; readonly atMs: number }
  | { readonly type: 'owned'; readonly value: string | undefined; readonly atMs: number }
  | { readonly type: 'checked'; readonly count: number; readonly values: readonly (string | undefined)[] }
  | { readonly type: 'report'; readonly id: number; readonly running: number; readonly warming: number }
  | { readonly type: 'closed'; readonly atMs: number }
  | { readonly type: 'failed'; readonly message: string };

/** Now, comparable between processes. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** What an instance is started with, as its only argument. */
export interface InstanceSettings {
  readonly brokers: string;
  readonly applicationId: string;
  readonly topic: string;
  /** Count the records of each key and write every new count here. Without it: keep the last value of each key. */
  readonly output?: string | undefined;
  /** Tell when it runs so many. */
  readonly tasks?: number | undefined;
  /** Further settings of `KafkaStreams`, as JSON. */
  readonly config: Record<string, unknown>;
}

/** The store that is asked. */
export const STORE = 'values';
