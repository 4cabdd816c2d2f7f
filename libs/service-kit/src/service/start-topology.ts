import type { SettingsShape } from '../settings/setting.ts';
import type { ServiceContext, StartedService, TopologyService } from './service-definition.ts';

/** Runs a topology. Waits for stream-core's runtime. */
export async function startTopology<S extends SettingsShape, L>(
  definition: TopologyService<S, L>,
  _context: ServiceContext<S>,
  _adminPort: number,
): Promise<StartedService<L> & { readonly ended: Promise<Error | undefined> }> {
  throw new Error(`${definition.name}: there is no runtime yet`);
}
