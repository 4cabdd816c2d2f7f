import { concurrencyGuard } from '@playhead/concurrency-guard';
import { enforcement } from '@playhead/enforcement';
import { gatewayService } from '@playhead/gateway';
import { runService } from '@playhead/service-kit';
import type { Environment, ProcessPart, RunningService } from '@playhead/service-kit';
import { GuardOnceStarted } from './guard-once-started.ts';

/** What the services process tells `npm start` when it is ready. */
export interface ServicesInfo {
  readonly gatewayPort: number;
  readonly gatewayAdminPort: number;
  readonly guardAdminPort: number;
}

/**
 * All services in one process: the gateway asks the guard directly. They start side by side, so that their waits for
 * Kafka overlap and the gateway takes beats while it is away, and stop from the outside in: the gateway first, which asks
 * the guard. Enforcement runs where it has keys to sign with (`ENFORCEMENT_WEBHOOK_KEYS`).
 */
export async function startServices(env: Environment): Promise<ProcessPart> {
  const guard = new Starting(runService(concurrencyGuard(), { env }));
  const enforcing =
    (env['ENFORCEMENT_WEBHOOK_KEYS'] ?? '') === '' ? [] : [new Starting(runService(enforcement(), { env }))];
  const asked = new GuardOnceStarted(() => guard.service?.lookups);
  const gateway = new Starting(runService(gatewayService({ concurrencyGuard: asked }), { env }));
  const all = [gateway, ...enforcing, guard];
  const { lookups, adminPort } = await gateway.started;
  return {
    ready: Promise.all([guard.started, ...all.map(({ ready }) => ready)]).then(([started]): ServicesInfo => ({
      gatewayPort: lookups.port,
      gatewayAdminPort: adminPort,
      guardAdminPort: started.adminPort,
    })),
    ended: Promise.race(all.map(({ ended }) => ended)),
    close: async () => {
      for (const { service } of all) await service?.close();
    },
  };
}

/** A service that is there when Kafka is. */
class Starting<L> {
  readonly started: Promise<RunningService<L>>;
  /** Undefined: it has not started, and has nothing to finish. */
  service: RunningService<L> | undefined;

  constructor(started: Promise<RunningService<L>>) {
    this.started = started.then((service) => (this.service = service));
    // Whoever waits for `ready` is told.
    this.started.catch(() => {});
  }

  get ready(): Promise<void> {
    return this.started.then(({ ready }) => ready);
  }

  /** One that does not start is told of by `ready`. */
  get ended(): Promise<Error | undefined> {
    return this.started.then(
      ({ ended }) => ended,
      () => new Promise<never>(() => {}),
    );
  }
}
