import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { enforcement } from '@playhead/enforcement';
import { loadSettings, sharedSettings } from '@playhead/service-kit';
import { GuardMetrics } from '../../../apps/concurrency-guard/src/metrics/guard-metrics.ts';
import { registerMetrics as registerGuard } from '../../../apps/concurrency-guard/src/metrics/register-metrics.ts';
import { gatewaySettings } from '../../../apps/gateway/src/config.ts';
import { createOwnParts, tableGauges } from '../../../apps/gateway/src/create-parts.ts';
import { registerMetrics as registerGateway } from '../../../apps/gateway/src/metrics/typed-metrics.ts';
import { queueGauges } from '../../../apps/gateway/src/open-backlog.ts';
import { publishedName } from '../../../libs/service-kit/src/health/streams-metrics.ts';
import { StreamsCounters } from '../../../libs/stream-core/src/runtime/streams-metrics.ts';
import { streamsSamples } from '../../../libs/stream-core/src/runtime/streams-report.ts';
import { readJson, readText, ROOT } from '../src/repository.ts';

interface Samples {
  readonly type: string;
  readonly values: readonly { readonly labels: Readonly<Record<string, string>> }[];
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** A family as it stands in a service's registry. */
interface Family {
  readonly name: string;
  readonly get: () => Samples;
}

/** The parser that nx brings; YAML is read nowhere else. */
const yaml = createRequire(join(ROOT, 'node_modules/nx/package.json'))('yaml') as { parse(text: string): unknown };

const { groups } = yaml.parse(readText('docker/alerts/concurrency.yml')) as {
  groups: { rules: Alert[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules);
const { tests } = yaml.parse(readText('docker/alerts/concurrency.test.yml')) as {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
};
const { panels } = readJson('docker/grafana/dashboards/concurrency.json') as {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
};
const expressions: (readonly [string, string])[] = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Labels that Prometheus adds. */
const ADDED = ['instance', 'job'];
const NAME = /\b(?:gateway|concurrency_guard|enforcement|streams)_\w+/g;

/** What every service shows, with one of each label. */
function registered(): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const registry = { registerMetric: (family: Family) => families.set(family.name, family) };
  const own = createOwnParts(loadSettings({ ...sharedSettings, ...gatewaySettings }, {}), () => 0);
  own.metrics.requests.count({ method: 'GET', path: '/' }, 200);
  own.metrics.rejects.count({ method: 'GET', path: '/' }, 'not-found');
  registerGateway(registry as never, [
    ...own.metrics.all,
    ...tableGauges(own),
    ...queueGauges({ records: 0, bytes: 0 }),
  ]);
  const guard = new GuardMetrics();
  guard.decided('ADMISSION', 'concurrency-limit');
  guard.ended('replaced');
  registerGuard(registry as never, guard, { streams: { tasks: () => [] }, book: { unreadable: 0 }, now: () => 0 });
  for (const sample of streamsSamples('RUNNING', new StreamsCounters(), undefined)) {
    const name = publishedName(sample);
    const values = [...(families.get(name)?.get().values ?? []), sample];
    families.set(name, { name, get: () => ({ type: sample.kind, values }) });
  }
  enforcement().lookups?.({} as never, { metrics: registry } as never);
  return families;
}

describe('rules of Prometheus and panels of Grafana', () => {
  let families: ReadonlyMap<string, Family>;
  const valuesOf = (name: string, label: string): readonly (string | undefined)[] =>
    families
      .get(name)
      ?.get()
      .values.map(({ labels }) => labels[label]) ?? [];

  beforeAll(() => {
    families = registered();
  });

  it.each(expressions)('%s: names what a service shows, by labels that it has', (_title, expr) => {
    const names = [...expr.matchAll(NAME)].flat();
    expect(names.filter((name) => !families.has(name))).toEqual([]);
    for (const [, labels = '', of = ''] of expr.matchAll(/\bby \(([^)]*)\) \(((?:[^()]|\([^()]*\))*)\)/g)) {
      for (const label of labels.split(/,\s*/)) {
        for (const [name] of of.matchAll(NAME))
          expect([...ADDED, ...Object.keys(families.get(name)!.get().values[0]!.labels)]).toContain(label);
      }
    }
    for (const [, name = '', matchers = ''] of expr.matchAll(/([a-z_]+)\{([^}]*)\}/g)) {
      for (const [, label = '', word = ''] of matchers.matchAll(/(\w+)=~?"([^"]*)"/g)) {
        const values = ADDED.includes(label) ? ['gateway', 'concurrency-guard', 'enforcement'] : valuesOf(name, label);
        expect(values.some((value) => new RegExp(`^(?:${word})$`).test(value ?? ''))).toBe(true);
      }
    }
  });

  it.each(expressions)('%s: asks for the growth of counters, and of counters only', (_title, expr) => {
    const growing = [...expr.matchAll(/\b(?:rate|increase)\((\w+)/g)].map(([, name]) => name!);
    const counters = [...expr.matchAll(NAME)].flat().filter((name) => families.get(name)?.get().type === 'counter');
    expect(growing).toEqual(counters);
  });

  it('alerts are tried, and say how urgent they are, what is wrong and what to do', () => {
    const firing = tests
      .flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ exp_alerts }) => exp_alerts.length > 0);
    const fired = new Set(firing.map(({ alertname }) => alertname));
    expect(alerts.map(({ alert }) => alert).filter((alert) => !fired.has(alert))).toEqual([]);
    for (const { labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.stringMatching(/\. \S/) });
    }
  });

  it.each([
    ['Kafka is away', 'gateway_queue_records'],
    ['the disk queue fills', 'gateway_queue_bytes'],
    ['the disk queue is full', 'gateway_queue_records_total'],
    ['a guard owns nothing', 'streams_state'],
    ['a guard is behind', 'concurrency_guard_oldest_undecided_seconds'],
    ['starts are decided by the fail rule', 'gateway_admissions_total'],
    ['issuers do not answer', 'gateway_unavailable_total'],
    ['a webhook takes nothing, long before anything is given up', 'enforcement_sendings_total{outcome="failed"}'],
    ['clocks are apart', 'concurrency_guard_gateway_clock_skew_seconds'],
  ])('somebody is told when %s', (_what, series) => {
    expect(alerts.map(({ expr }) => expr)).toContainEqual(expect.stringContaining(series));
  });

  it('the disk queue is half full by its default', () => {
    const { GATEWAY_QUEUE_MAX_BYTES: maxBytes } = loadSettings({ ...sharedSettings, ...gatewaySettings }, {});
    const { expr } = alerts.find(({ alert }) => alert === 'DiskQueueFilling')!;
    expect(expr).toMatch(new RegExp(`> ${maxBytes / 2}$`));
  });

  it('panels have ids and titles of their own', () => {
    for (const each of [panels.map(({ id }) => id), panels.map(({ title }) => title)])
      expect(new Set<number | string>(each).size).toBe(each.length);
  });

  it('legends name labels that their expression keeps', () => {
    for (const { expr, legendFormat } of panels.flatMap(({ targets }) => targets)) {
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect(expr).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`));
    }
  });
});
