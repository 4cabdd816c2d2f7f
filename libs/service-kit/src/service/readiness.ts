import type { HealthChecks } from '../health/health-checks.ts';

/** How often the conditions are looked at until they hold. */
const LOOK_INTERVAL_MS = 20;

/** Watches the conditions until all hold for the first time. After `stop` it never resolves. */
export function watchReadiness(health: HealthChecks): { readonly ready: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<void>((resolve) => {
    const look = (): void => {
      if (!health.ready) return;
      clearInterval(timer);
      resolve();
    };
    timer = setInterval(look, LOOK_INTERVAL_MS);
    look();
  });
  return { ready, stop: () => clearInterval(timer) };
}
