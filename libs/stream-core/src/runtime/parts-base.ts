import type { FetcherOptions } from '../kafka/fetcher-options.ts';
import type { Fetcher } from '../kafka/fetcher.ts';
import type { KafkaClient } from '../kafka/kafka-client.ts';
import type { TopologyCodecs } from '../topology/topology-codecs.ts';
import type { GlobalStores } from './global-stores.ts';
import type { GlobalStreamThread } from './global-stream-thread.ts';
import type { InstanceOptions } from './instance-options.ts';
import type { PreparedTopics } from './internal-topics.ts';
import type { StoreChangelogReader } from './restore/store-changelog-reader.ts';
import type { StateBackend } from './storage/state-backend.ts';
import type { StreamsProducer } from './streams-producer.ts';

/** What exists before: connections, and what was found at the start. */
export interface PartsBase {
  readonly options: InstanceOptions;
  readonly processId: string;
  readonly client: KafkaClient;
  readonly producer: StreamsProducer;
  /** Takes back what is not committed. */
  readonly abort: () => Promise<void>;
  readonly fetcher: Fetcher;
  /** Makes a fetcher that reads as the guarantee has it. */
  readonly createFetcher: (options: FetcherOptions) => Fetcher;
  readonly codecs: TopologyCodecs;
  readonly changelogs: StoreChangelogReader;
  readonly backend: StateBackend;
  /** By task: how far what was stored here at the start reaches in its changelogs. */
  readonly stored: ReadonlyMap<string, number>;
  readonly topics: PreparedTopics;
  readonly globals: GlobalStreamThread;
  readonly globalStores: GlobalStores;
}
