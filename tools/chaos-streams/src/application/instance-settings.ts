/** Where an instance keeps its state. */
export type StateSettings =
  | 'memory'
  | { readonly lmdb: { readonly stateDir: string } }
  | { readonly redis: { readonly url: string } };

/** What an instance is started with. */
export interface InstanceSettings {
  /** By which the proxy knows it. */
  readonly clientId: string;
  readonly applicationId: string;
  /** Of the proxy. */
  readonly port: number;
  readonly guarantee: 'exactly_once' | 'at_least_once';
  readonly state: StateSettings;
  /** Static membership; undefined: the member is dynamic. */
  readonly groupInstanceId: string | undefined;
  readonly numStandbyReplicas: number;
  /** Undefined: the default. */
  readonly acceptableRecoveryLag: number | undefined;
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly retryTimeoutMs: number;
  readonly closeTimeoutMs: number;
  /** Where each beat that is read is noted, and each record of the repartition topic. */
  readonly journals: { readonly beats: string; readonly countries: string };
  readonly logFile: string;
}

/** What it tells. */
export type InstanceMessage =
  | { readonly processed: number; readonly commits: number }
  /** It stops by itself; nothing should make it do that. */
  | { readonly failed: string };
