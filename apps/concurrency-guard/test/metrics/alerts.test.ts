import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { ClockSkew } from '../../src/metrics/clock-skew.ts';
import { GuardMetrics } from '../../src/metrics/guard-metrics.ts';
import { registerMetrics } from '../../src/metrics/register-metrics.ts';
import { PolicyBook } from '../../src/policies/policy-book.ts';

const docker = join(import.meta.dirname, '../../../../docker');
const alerts = join(docker, 'alerts');

describe('alert rules', () => {
  const there = spawnSync('promtool', ['--version']).status === 0;
  if (!there) {
    process.stderr.write(
      'skipped: there is no promtool here (apt-get install prometheus); the rules are not checked\n',
    );
  }
  (there ? it : it.skip)('are what promtool takes, and fire when they have to', () => {
    expect(execFileSync('promtool', ['check', 'rules', join(alerts, 'concurrency.yml')]).toString()).toContain(
      'SUCCESS',
    );
    const tests = execFileSync('promtool', ['test', 'rules', 'concurrency.test.yml'], { cwd: alerts });
    expect(tests.toString()).toContain('SUCCESS');
  });
});

/** Families that are registered, by name. */
async function registered(): Promise<ReadonlyMap<string, { readonly get: () => unknown }>> {
  const families = new Map<string, { readonly get: () => unknown }>();
  const registry = {
    registerMetric: (metric: { readonly name: string; readonly get: () => unknown }) =>
      families.set(metric.name, metric),
  } as unknown as Parameters<typeof registerMetrics>[0];
  registerMetrics(registry, new GuardMetrics(), { streams: { tasks: () => [] }, book: new PolicyBook(), now: () => 0 });
  return families;
}

test('rules and dashboard name no series of the guard that it does not have', async () => {
  const families = await registered();
  const texts = [join(alerts, 'concurrency.yml'), join(docker, 'grafana/dashboards/concurrency.json')];
  const named = texts.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/concurrency_guard_\w+/g)].flat());
  expect(named.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((name) => !families.has(name))).toEqual([]);
});

test('reasons that are not on the list count as one, so that no request can add a series', () => {
  const metrics = new GuardMetrics();
  for (let reason = 0; reason < 100; reason++) {
    metrics.ended(`reason-${reason}`);
    metrics.decided('ADMISSION', `reason-${reason}`);
  }
  expect([metrics.endings, metrics.denials]).toEqual([{ other: 100 }, { other: 100 }]);
});

describe('the difference between the clocks of gateways', () => {
  const at = (
    entries: readonly (readonly [gateway: string, aheadMs: number, latencyMs: number, seconds: number])[],
  ) => {
    const skew = new ClockSkew();
    for (const [gateway, aheadMs, latencyMs, seconds] of entries) {
      skew.seen(gateway, 6e8 + seconds * 1000 - latencyMs + aheadMs, 6e8 + seconds * 1000);
    }
    return skew;
  };
  it('is found through the latency of their records', () => {
    expect(
      at([
        ['a', 0, 40, 1],
        ['b', 3000, 90, 1],
        ['a', 0, 5, 2],
        ['b', 3000, 5, 2],
        ['b', 3000, 700, 3],
      ]).skewMs(6e8 + 4000),
    ).toBe(3000);
  });
  it('is nothing for one gateway, and for those that are gone', () => {
    expect(at([['a', 9000, 5, 1]]).skewMs(6e8 + 1000)).toBe(0);
    const skew = at([
      ['a', 9000, 5, 1],
      ['b', 0, 5, 1],
    ]);
    expect(skew.skewMs(6e8 + 1000)).toBe(9000);
    expect(skew.skewMs(6e8 + 300_000)).toBe(0);
  });
  it('is kept for 64 gateways; further ones are one', () => {
    const skew = at(Array.from({ length: 1000 }, (_, gateway) => [`g-${gateway}`, gateway, 0, 1] as const));
    expect(skew.skewMs(6e8 + 1000)).toBe(999);
  });
});
