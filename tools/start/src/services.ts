import { concurrencyGuard } from '@playhead/concurrency-guard';
import { enforcement } from '@playhead/enforcement';
import { gatewayService } from '@playhead/gateway';
import { runService } from '@playhead/service-kit';
import type { Environment, ProcessPart } from '@playhead/service-kit';

/** What the services process tells `npm start` when it is ready. */
export interface ServicesInfo {
  readonly gatewayPort: number;
  readonly gatewayAdminPort: number;
  readonly guardAdminPort: number;
}

/**
 * All services in one process: the gateway asks the guard directly. They start side by side, so that their waits for
 * Kafka overlap, and stop from the outside in: the gateway first, which asks the guard. Enforcement runs where it has keys to
 * sign with (`ENFORCEMENT_WEBHOOK_KEYS`).
 */
export async function startServices(env: Environment): Promise<ProcessPart> {
  const guard = await runService(concurrencyGuard(), { env });
  const gateway = await runService(gatewayService({ concurrencyGuard: guard.lookups }), { env });
  const enforcing =
    (env['ENFORCEMENT_WEBHOOK_KEYS'] ?? '') === '' ? undefined : await runService(enforcement(), { env });
  const others = enforcing === undefined ? [] : [enforcing];
  const info: ServicesInfo = {
    gatewayPort: gateway.lookups.port,
    gatewayAdminPort: gateway.adminPort,
    guardAdminPort: guard.adminPort,
  };
  return {
    ready: Promise.all([guard, gateway, ...others].map((service) => service.ready)).then(() => info),
    ended: Promise.race([guard, gateway, ...others].map((service) => service.ended)),
    close: async () => {
      await gateway.close();
      await enforcing?.close();
      await guard.close();
    },
  };
}
