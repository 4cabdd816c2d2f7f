import type { TopologyPlan } from './topology-plan.ts';

/** What an application does: nodes, stores and topics, without any connection. Made by `StreamsBuilder.build()` or by hand. */
export class Topology {
  /** The text of Kafka Streams' `Topology#describe`. */
  describe(): string {
    return '';
  }

  /** Sub-topologies, stores and internal topics of an application of that id. */
  plan(applicationId: string): TopologyPlan {
    return { applicationId, subtopologies: [], internalTopics: [], globalStores: [] };
  }
}
