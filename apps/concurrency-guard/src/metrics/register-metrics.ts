import type { ServiceContext, SettingsShape } from '@playhead/service-kit';
import type { KafkaStreams } from '@playhead/stream-core';
import type { PolicyBook } from '../policies/policy-book.ts';
import type { GuardMetrics } from './guard-metrics.ts';

/** prom-client's registry, as a service is given it. */
type Registry = ServiceContext<SettingsShape>['metrics'];

/** What metrics are read from besides counts. */
export interface MetricSources {
  readonly streams: Pick<KafkaStreams, 'tasks'>;
  readonly book: Pick<PolicyBook, 'unreadable'>;
  /** The wall clock. */
  readonly now: () => number;
}

/** Values of a family at one scrape. */
type Samples = readonly { readonly value: number; readonly labels: Readonly<Record<string, string>> }[];

/** A family of series. */
interface Family {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly read: () => Samples;
}

/** Puts the guard's figures into the registry; they are read from plain numbers when Prometheus asks. */
export function registerMetrics(registry: Registry, metrics: GuardMetrics, sources: MetricSources): void {
  for (const { name, type, help, read } of [...countersOf(metrics), ...gaugesOf(metrics, sources)]) {
    const metric = { name: `concurrency_guard_${name}`, help, type, aggregator: 'sum', reset: () => {} };
    registry.registerMetric({ ...metric, get: () => ({ ...metric, values: read() }) } as unknown as Parameters<
      Registry['registerMetric']
    >[0]);
  }
}

function countersOf(metrics: GuardMetrics): readonly Family[] {
  const counter = (name: string, help: string, read: () => Samples): Family => ({ type: 'counter', name, help, read });
  const count = (name: string, help: string, read: () => number): Family => counter(name, help, () => one(read()));
  return [
    counter('decisions_total', 'Decisions by occasion and outcome.', () => byOccasion(metrics.decisions)),
    counter('denials_total', 'Refusals by reason.', () => byReason(metrics.denials)),
    counter(
      'ended_total',
      'Streams ended by somebody else, and sessions that played on after their own stop, by reason.',
      () => byReason(metrics.endings),
    ),
    count('lapses_total', 'Leases that ran out.', () => metrics.lapses),
    count('shadow_denials_total', 'Decisions that a rule in shadow would have refused.', () => metrics.shadowDenials),
    count('two_players_total', 'Sessions ended because two players reported on them.', () => metrics.twoPlayers),
    count(
      'unchecked_admissions_total',
      'Starts that a gateway admitted because nobody decided in time.',
      () => metrics.uncheckedAdmissions,
    ),
    count(
      'unchecked_over_limit_total',
      'Unchecked admissions that a policy refused in hindsight.',
      () => metrics.uncheckedOverLimit,
    ),
  ];
}

function gaugesOf(metrics: GuardMetrics, { streams, book, now }: MetricSources): readonly Family[] {
  const gauge = (name: string, help: string, read: () => number): Family => ({
    type: 'gauge',
    name,
    help,
    read: () => one(read()),
  });
  const seconds = (name: string, help: string, readMs: () => number): Family =>
    gauge(name, help, () => readMs() / 1000);
  return [
    seconds(
      'decision_delay_max_seconds',
      'Longest time from the receipt of a start to its decision since the last scrape.',
      () => metrics.takeMaxDecisionDelayMs(),
    ),
    seconds(
      'oldest_undecided_seconds',
      'Age of the oldest record that waits to be decided on, at most; 0 when none does.',
      () => oldestUndecidedMs(metrics, streams, now()),
    ),
    seconds(
      'gateway_clock_skew_seconds',
      'Greatest difference between the clocks of two gateways that reported in the last two minutes.',
      () => metrics.clocks.skewMs(now()),
    ),
    gauge(
      'unreadable_policies',
      'Stored policies that this version cannot read; they decide nothing.',
      () => book.unreadable,
    ),
  ];
}

const one = (value: number): Samples => [{ value, labels: {} }];

const byOccasion = (counts: Readonly<Record<string, number>>): Samples =>
  Object.entries(counts).map(([name, value]) => {
    const [occasion = '', outcome = ''] = name.toLowerCase().split(' ');
    return { value, labels: { occasion, outcome } };
  });

/** How long ago the last record was received that a task has processed, where more stand in its log. */
function oldestUndecidedMs(metrics: GuardMetrics, streams: Pick<KafkaStreams, 'tasks'>, nowMs: number): number {
  let oldest = 0;
  for (const { inputs } of streams.tasks()) {
    for (const { partition, lag = 0 } of inputs) {
      const processed = metrics.processed.get(partition);
      if (lag > 0 && processed !== undefined) oldest = Math.max(oldest, nowMs - processed);
    }
  }
  return oldest;
}

const byReason = (counts: Readonly<Record<string, number>>): Samples =>
  Object.entries(counts).map(([reason, value]) => ({ value, labels: { reason } }));
