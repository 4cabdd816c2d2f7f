import type { GuardMetrics } from './metrics/guard-metrics.ts';
import type { DefaultPlan } from './guard-state.ts';
import type { LeaseSettings } from './lease.ts';
import type { PolicyBook } from './policies/policy-book.ts';

/** How the guard decides. */
export interface GuardOptions {
  readonly defaultPlan: DefaultPlan;
  /** Where the tenant says nothing else. */
  readonly lease: LeaseSettings;
  /** How often the wall clock is looked at for leases that are over. */
  readonly sweepIntervalMs: number;
  /** True when what stood in the log at start-up has been processed: before that a beat may still be to come for a lease that looks over. */
  readonly caughtUp: () => boolean;
  /** Policies and settings of tenants, filled by the topology's global tables. */
  readonly book: PolicyBook;
  readonly metrics: GuardMetrics;
}
