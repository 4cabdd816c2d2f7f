import { ArgumentError } from '../errors.ts';
import { javaHashOrder } from '../internal/java-hash-order.ts';
import type { StoreBuilder } from '../state/store-builder.ts';
import { requireLegalTopic } from './names.ts';
import type { NodeSpec, SourceSpec } from './node-spec.ts';
import type { OffsetReset } from './offset-reset.ts';
import type { GlobalStoreSpec, TopologyGraph } from './topology-graph.ts';
import type { GlobalStorePlan, InternalTopic, StorePlan, SubtopologyPlan, TopologyPlan } from './topology-plan.ts';

/** Settings of repartition topics: kept until the application itself deletes what it has committed. */
const REPARTITION_CONFIG = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'segment.bytes': String(50 * 1024 * 1024),
};
const CREATE_TIME = { 'message.timestamp.type': 'CreateTime' };

/** Makes a topology concrete: sub-topologies, full topic names, internal topics. */
export function planTopology(graph: TopologyGraph, applicationId: string): TopologyPlan {
  const full = (topic: string): string => (graph.internalTopics.has(topic) ? `${applicationId}-${topic}` : topic);
  const subtopologies: SubtopologyPlan[] = [];
  for (const [id, names] of graph.nodeGroups().entries()) {
    const nodes = names.map((name) => graph.nodes.get(name) as NodeSpec);
    if (nodes.some((node) => node.kind === 'source' && node.isGlobal)) continue;
    if (!nodes.some((node) => node.kind === 'source')) continue;
    subtopologies.push(planSubtopology(graph, applicationId, id, nodes, full));
  }
  return {
    applicationId,
    subtopologies,
    internalTopics: internalTopicsOf(graph, applicationId, subtopologies),
    globalStores: [...graph.globalStores.values()].map((spec) => planGlobalStore(graph, spec)),
    offsetResets: offsetResetsOf(graph, full),
  };
}

/** What the application wrote to itself is read from its beginning. */
function offsetResetsOf(graph: TopologyGraph, full: (topic: string) => string): Map<string, OffsetReset> {
  const resets = new Map<string, OffsetReset>();
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'source') continue;
    for (const topic of node.topics) {
      const reset = graph.internalTopics.has(topic) ? 'earliest' : node.offsetReset;
      if (reset !== undefined) resets.set(full(topic), reset);
    }
  }
  return resets;
}

function planGlobalStore(graph: TopologyGraph, spec: GlobalStoreSpec): GlobalStorePlan {
  const { topic, builder, supplier, processor: name, source } = spec;
  if (supplier === undefined) return { topic, builder };
  const { key, value } = graph.nodes.get(source) as SourceSpec;
  return { topic, builder, writer: { name, supplier, key, value } };
}

/** The whole topology as one sub-topology, as the test driver with one partition runs it. */
export function wholeTopology(plan: TopologyPlan): SubtopologyPlan {
  const all = plan.subtopologies;
  return {
    id: 0,
    nodes: all.flatMap(({ nodes }) => nodes),
    sourceTopics: all.flatMap(({ sourceTopics }) => sourceTopics).sort(),
    repartitionTopics: all.flatMap(({ repartitionTopics }) => repartitionTopics).sort(),
    sinkTopics: [...new Set(all.flatMap(({ sinkTopics }) => sinkTopics))].sort(),
    stores: all.flatMap(({ stores }) => stores),
    copartitionGroups: all.flatMap(({ copartitionGroups }) => copartitionGroups),
  };
}

function planSubtopology(
  graph: TopologyGraph,
  applicationId: string,
  id: number,
  nodes: readonly NodeSpec[],
  full: (topic: string) => string,
): SubtopologyPlan {
  const sources = nodes.flatMap((node) => (node.kind === 'source' ? node.topics : []));
  const sinks = nodes.flatMap((node) => (node.kind === 'sink' && typeof node.topic === 'string' ? [node.topic] : []));
  const stores = nodes.flatMap((node) => (node.kind === 'processor' ? javaHashOrder(node.stores) : []));
  const sourceTopics = sources.map(full).sort();
  return {
    id,
    nodes: nodes.map(({ name }) => name),
    sourceTopics,
    repartitionTopics: sources
      .filter((topic) => graph.internalTopics.has(topic))
      .map(full)
      .sort(),
    sinkTopics: [...new Set(sinks.map(full))].sort(),
    stores: [...new Set(stores)].map((name) => planStore(graph, applicationId, graph.stores.get(name) as StoreBuilder)),
    copartitionGroups: copartitionGroupsOf(graph, full).filter((group) =>
      group.some((topic) => sourceTopics.includes(topic)),
    ),
  };
}

function planStore(graph: TopologyGraph, applicationId: string, builder: StoreBuilder): StorePlan {
  const { name } = builder;
  const sourceTopic = graph.sourceChangelogs.get(name);
  const changelog = builder.loggingEnabled ? `${applicationId}-${name}-changelog` : undefined;
  return {
    name,
    builder,
    changelogTopic: sourceTopic ?? changelog,
    isSourceChangelog: sourceTopic !== undefined,
  };
}

/** Groups of topics that share a member, joined. */
function copartitionGroupsOf(graph: TopologyGraph, full: (topic: string) => string): string[][] {
  const groups: Set<string>[] = [];
  for (const sources of graph.copartitionGroups) {
    const merged = new Set<string>();
    for (const source of sources) {
      const node = graph.nodes.get(source);
      if (node?.kind === 'source') for (const topic of node.topics) merged.add(full(topic));
    }
    for (let i = groups.length - 1; i >= 0; i--) {
      if ([...merged].every((topic) => groups[i]?.has(topic) !== true)) continue;
      for (const topic of groups.splice(i, 1)[0] ?? []) merged.add(topic);
    }
    if (merged.size > 1) groups.push(merged);
  }
  return groups.map((group) => [...group].sort());
}

function internalTopicsOf(
  graph: TopologyGraph,
  applicationId: string,
  subtopologies: readonly SubtopologyPlan[],
): InternalTopic[] {
  const topics: InternalTopic[] = [];
  for (const [topic, partitions] of graph.internalTopics) {
    if (partitions !== undefined && (!Number.isInteger(partitions) || partitions < 1)) {
      throw new ArgumentError(`${topic} is to have ${partitions} partitions; allowed: whole numbers from 1`);
    }
    topics.push({
      name: `${applicationId}-${topic}`,
      kind: 'repartition',
      ...(partitions === undefined ? {} : { partitions }),
      config: { ...REPARTITION_CONFIG, ...CREATE_TIME },
    });
  }
  for (const { stores } of subtopologies) {
    for (const { builder, changelogTopic, isSourceChangelog } of stores) {
      if (changelogTopic === undefined) continue;
      const kind = isSourceChangelog ? 'source-changelog' : 'changelog';
      topics.push({ name: changelogTopic, kind, config: { ...builder.logConfig, ...CREATE_TIME } });
    }
  }
  for (const { name, kind } of topics) if (kind !== 'source-changelog') requireLegalTopic(name);
  return topics.sort((a, b) => (a.name < b.name ? -1 : 1));
}
