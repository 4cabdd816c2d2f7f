import type { ServiceContext, SettingsShape } from '@playhead/service-kit';

/** prom-client's registry, as a service is given it. */
export type MetricsRegistry = ServiceContext<SettingsShape>['metrics'];

/**
 * A family of counters with one label whose words are known beforehand: an increment is one addition in a typed array
 * (5 ns; a labelled one of prom-client 313 ns), and no request can add a series. prom-client reads it through `get()`.
 */
export class CounterFamily<W extends string> {
  readonly type = 'counter';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #label: string;
  readonly #words: readonly W[];
  readonly #index: ReadonlyMap<W, number>;
  readonly #counts: Float64Array;

  constructor(options: {
    readonly name: string;
    readonly help: string;
    readonly label: string;
    readonly words: readonly W[];
  }) {
    this.name = options.name;
    this.help = options.help;
    this.#label = options.label;
    this.#words = options.words;
    this.#index = new Map(options.words.map((word, index) => [word, index]));
    this.#counts = new Float64Array(options.words.length);
  }

  /** Adds to one word's counter. */
  add(word: W, amount = 1): void {
    const index = this.#index.get(word);
    if (index !== undefined) this.#counts[index] = (this.#counts[index] ?? 0) + amount;
  }

  /** The count of one word. */
  value(word: W): number {
    return this.#counts[this.#index.get(word) ?? -1] ?? 0;
  }

  /** For prom-client. */
  get(): MetricSamples {
    const { name, help, type, aggregator } = this;
    const values = this.#words.map((word, index) => ({
      value: this.#counts[index] ?? 0,
      labels: { [this.#label]: word },
    }));
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    this.#counts.fill(0);
  }
}

/** A number that is asked for at each scrape. */
export class Gauge {
  readonly type = 'gauge';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #read: () => number;

  constructor(options: { readonly name: string; readonly help: string; readonly read: () => number }) {
    this.name = options.name;
    this.help = options.help;
    this.#read = options.read;
  }

  /** For prom-client. */
  get(): MetricSamples {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: [{ value: this.#read(), labels: {} }] };
  }

  reset(): void {}
}

/** What prom-client's registry asks of a metric. */
export interface MetricSamples {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly aggregator: 'sum';
  readonly values: readonly { readonly value: number; readonly labels: Readonly<Record<string, string>> }[];
}

/** Shows metrics in a service's `/metrics`. prom-client's type asks for its own classes; its registry only calls `get()`. */
export function registerMetrics(
  registry: MetricsRegistry,
  metrics: readonly { readonly name: string; get(): MetricSamples; reset(): void }[],
): void {
  for (const metric of metrics) {
    registry.registerMetric(metric as unknown as Parameters<MetricsRegistry['registerMetric']>[0]);
  }
}
