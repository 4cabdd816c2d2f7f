import type { Route } from '../http/route.ts';
import type { MetricSamples } from './typed-metrics.ts';

/** Codes of problems are words of ours, so that there are few; should one ever come from outside, no series are added beyond these. */
const MAX_SERIES = 1_000;

/** Requests that were refused, by route and by the code of their problem document. */
export class RejectCounters {
  readonly type = 'counter';
  readonly aggregator = 'sum';
  readonly name = 'gateway_rejects_total';
  readonly help = 'Requests refused, by route and reason (the code of the problem document).';
  readonly #counts = new Map<string, { readonly labels: { route: string; reason: string }; value: number }>();

  count({ method, path }: Pick<Route, 'method' | 'path'>, reason: string): void {
    const route = `${method} ${path}`;
    const key = `${route} ${reason}`;
    let series = this.#counts.get(key);
    if (series === undefined) {
      if (this.#counts.size >= MAX_SERIES) return;
      series = { labels: { route, reason }, value: 0 };
      this.#counts.set(key, series);
    }
    series.value++;
  }

  /** For prom-client. */
  get(): MetricSamples {
    const { name, help, type, aggregator } = this;
    const values = [...this.#counts.values()].map(({ labels, value }) => ({ labels, value }));
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    this.#counts.clear();
  }
}
