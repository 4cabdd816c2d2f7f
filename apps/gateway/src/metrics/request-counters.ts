import type { Route } from '../http/route.ts';
import type { MetricSamples } from './typed-metrics.ts';

const FIRST_STATUS = 100;
const STATUSES = 500;

/** Requests by route and status: one typed array a route, so that no request can add a series beyond routes × statuses used. */
export class RequestCounters {
  readonly type = 'counter';
  readonly aggregator = 'sum';
  readonly name = 'gateway_requests_total';
  readonly help = 'Requests answered, by route and status.';
  /** By the route itself: an object is found without building a text. */
  readonly #counts = new Map<Pick<Route, 'method' | 'path'>, Float64Array>();

  count(route: Pick<Route, 'method' | 'path'>, status: number): void {
    let counts = this.#counts.get(route);
    if (counts === undefined) {
      counts = new Float64Array(STATUSES);
      this.#counts.set(route, counts);
    }
    const at = status - FIRST_STATUS;
    counts[at] = (counts[at] ?? 0) + 1;
  }

  /** For prom-client. */
  get(): MetricSamples {
    const { name, help, type, aggregator } = this;
    const values = [...this.#counts].flatMap(([{ method, path }, counts]) =>
      [...counts].flatMap((value, at) =>
        value === 0 ? [] : [{ value, labels: { route: `${method} ${path}`, status: String(at + FIRST_STATUS) } }],
      ),
    );
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    this.#counts.clear();
  }
}
