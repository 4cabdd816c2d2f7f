import type { MetricSample } from '@playhead/stream-core';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What `publishStreamsMetrics` needs of a service. */
export interface MetricsPlace {
  readonly metrics: Registry;
  /** Calls back before `/metrics` is read. */
  onScrape(update: () => void): void;
}

/** Publishes stream-core's samples as `streams_…`, with `_` for `-`; they are read when somebody asks for the metrics. */
export function publishStreamsMetrics(place: MetricsPlace, samples: () => Iterable<MetricSample>): void {
  const published = new Map<string, Counter | Gauge>();
  place.onScrape(() => {
    // A sample that is gone (a task that left) must not stay at its last value.
    for (const metric of published.values()) metric.reset();
    for (const sample of samples()) {
      const metric = published.get(sample.name) ?? create(sample, place.metrics);
      published.set(sample.name, metric);
      metric.inc({ ...sample.labels }, sample.value);
    }
  });
}

function create({ name, kind, description, labels }: MetricSample, registry: Registry): Counter | Gauge {
  const configuration = {
    name: `streams_${name.replaceAll('-', '_')}`,
    help: description,
    labelNames: Object.keys(labels),
    registers: [registry],
  };
  return kind === 'counter' ? new Counter(configuration) : new Gauge(configuration);
}
