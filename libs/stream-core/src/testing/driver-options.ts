import { StreamsError } from '../errors.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Topology } from '../topology/topology.ts';
import type { DriverPartitions } from './driver-tasks.ts';
import { shown, simulationProblems } from './simulation-options.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** Of one topic: each is a task with queues and stores of its own, in one process. */
const MAX_PARTITIONS = 10_000;
/** As in the runtime's settings. */
const MAX_CACHE_BYTES = 2 ** 40;

/** What the driver is made with, as far as it can be wrong. */
export interface CheckedOptions extends SimulationOptions {
  readonly partitions?: DriverPartitions | undefined;
  readonly cacheMaxBytes?: number | undefined;
  readonly initialWallClockTimeMs?: number | undefined;
}

/** Throws one `StreamsError` (STREAMS_CONFIG) that names every problem. */
export function checkDriverOptions(options: CheckedOptions, topology: Topology, plan: TopologyPlan): void {
  const { partitions, cacheMaxBytes = 0, initialWallClockTimeMs = 0 } = options;
  const problems = [...partitionProblems(partitions, topology, plan), ...simulationProblems(options)];
  if (!(Number.isInteger(cacheMaxBytes) && cacheMaxBytes >= 0 && cacheMaxBytes <= MAX_CACHE_BYTES)) {
    problems.push(`cacheMaxBytes is ${shown(cacheMaxBytes)}; allowed: whole numbers from 0 to ${MAX_CACHE_BYTES}`);
  }
  if (!Number.isSafeInteger(initialWallClockTimeMs)) {
    problems.push(`initialWallClockTimeMs is ${shown(initialWallClockTimeMs)}; allowed: whole milliseconds`);
  }
  if (problems.length > 0) {
    throw new StreamsError('STREAMS_CONFIG', `the driver's options have problems: ${problems.join('; ')}`);
  }
}

function partitionProblems(
  partitions: DriverPartitions | undefined,
  topology: Topology,
  plan: TopologyPlan,
): readonly string[] {
  if (partitions === undefined) return [];
  if (typeof partitions !== 'object' || partitions === null) return countProblems('partitions', partitions);
  const known = topicsOf(plan);
  const internal = new Set(
    plan.internalTopics.filter(({ kind }) => kind !== 'source-changelog').map(({ name }) => name),
  );
  const writesAnywhere = [...topology.graph.nodes.values()].some(
    (node) => node.kind === 'sink' && typeof node.topic !== 'string',
  );
  return Object.entries(partitions).flatMap(([topic, count]) => {
    const isKnown = known.includes(topic) || known.some((source) => topic === `${source}.dead-letter`);
    if (!internal.has(topic) && (isKnown || writesAnywhere)) return countProblems(`partitions of ${topic}`, count);
    const reason = internal.has(topic) ? 'is internal: its number follows from the others' : 'is not in the topology';
    return [`partitions: topic ${topic} ${reason}; allowed: ${known.filter((name) => !internal.has(name)).join(', ')}`];
  });
}

function countProblems(what: string, count: unknown): readonly string[] {
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= MAX_PARTITIONS) return [];
  return [`${what} is ${shown(count)}; allowed: whole numbers from 1 to ${MAX_PARTITIONS}`];
}

/** All that are named in the topology, ascending. */
function topicsOf({ subtopologies, globalStores }: TopologyPlan): readonly string[] {
  const used = subtopologies.flatMap(({ sourceTopics, sinkTopics }) => [...sourceTopics, ...sinkTopics]);
  return [...new Set([...used, ...globalStores.map(({ topic }) => topic)])].sort();
}
