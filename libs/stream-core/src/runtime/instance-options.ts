import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Topology } from '../topology/topology.ts';
import type { ChangeSignal } from './change-signal.ts';
import type { RestoreListeners } from './restore/restore-listeners.ts';
import type { ResolvedStreamsConfig } from './streams-config.ts';
import type { StreamsCounters } from './streams-metrics.ts';

/** What the application gives its instance. */
export interface InstanceOptions {
  readonly topology: Topology;
  readonly plan: TopologyPlan;
  readonly config: ResolvedStreamsConfig;
  readonly counters: StreamsCounters;
  readonly changes: ChangeSignal;
  readonly restoreListeners: RestoreListeners;
  /** Whether records are to be processed at present. */
  readonly isPaused: () => boolean;
  readonly onStateChange: (state: 'REBALANCING' | 'RUNNING') => void;
  readonly onError: (error: unknown) => void;
  /** Another instance, or this one, has asked all of them to end. */
  readonly onShutdown: (reason: string) => void;
}
