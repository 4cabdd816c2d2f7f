import { TopologyError } from '../../errors.ts';
import { wholeTopology } from '../../topology/plan-topology.ts';
import type { SubtopologyPlan } from '../../topology/topology-plan.ts';
import type { StreamTaskOptions } from '../stream-task-options.ts';

/** The part of the topology that a task runs. Throws `TopologyError` when there is no such part. */
export function subtopologyOf({ plan, subtopology }: Pick<StreamTaskOptions, 'plan' | 'subtopology'>): SubtopologyPlan {
  if (subtopology === 'all') return wholeTopology(plan);
  const found = plan.subtopologies.find(({ id }) => id === subtopology);
  if (found !== undefined) return found;
  const ids = plan.subtopologies.map(({ id }) => id).join(', ');
  throw new TopologyError(`there is no sub-topology ${subtopology}; allowed: ${ids}`);
}
