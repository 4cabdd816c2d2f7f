import type { MetricSample } from '@playhead/stream-core';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What `publishStreamsMetrics` needs of a service. */
export interface MetricsPlace {
  readonly metrics: Registry;
  /** Calls back before `/metrics` is read. */
  onScrape(update: () => void): void;
}

/** What stands in front of a name, by Kafka Streams' group: names repeat between groups, such as `process-total` of a thread and of a task. */
const PREFIXES: Readonly<Record<string, string>> = {
  'stream-task-metrics': 'streams_task_',
  'stream-state-metrics': 'streams_store_',
  'stream-topic-metrics': 'streams_topic_',
};

/** The name under which a sample is published, by prom-client's conventions: `streams_task_records_lag` for `records-lag` of `stream-task-metrics`. */
export function publishedName({ group, name }: Pick<MetricSample, 'group' | 'name'>): string {
  const prefix = PREFIXES[group] ?? 'streams_';
  const plain = name.replaceAll('-', '_');
  // Not `streams_task_task_caught_up`.
  return plain.startsWith('task_') && prefix === 'streams_task_' ? `streams_${plain}` : `${prefix}${plain}`;
}

/** Publishes stream-core's samples; they are read when somebody asks for the metrics. */
export function publishStreamsMetrics(place: MetricsPlace, samples: () => Iterable<MetricSample>): void {
  const published = new Map<string, Counter | Gauge>();
  place.onScrape(() => {
    // A sample that is gone (a task that left) must not stay at its last value.
    for (const metric of published.values()) metric.reset();
    for (const sample of samples()) {
      const name = publishedName(sample);
      const metric = published.get(name) ?? create(name, sample, place.metrics);
      published.set(name, metric);
      metric.inc({ ...sample.labels }, sample.value);
    }
  });
}

function create(name: string, { kind, description, labels }: MetricSample, registry: Registry): Counter | Gauge {
  const configuration = {
    name,
    help: description,
    labelNames: Object.keys(labels),
    registers: [registry],
  };
  return kind === 'counter' ? new Counter(configuration) : new Gauge(configuration);
}
