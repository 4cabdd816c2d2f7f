import type { BrokerLogger } from '../logger.ts';

/** What handlers that own no log may ask about topics. */
export interface TopicCatalogue {
  /** Whether the partition exists now. */
  hasPartition(topic: string, partition: number): boolean;
  /** Calls the listener after a topic has been deleted, with its name. */
  onTopicDeleted(listener: (topic: string) => void): void;
}

/** What every part of the broker that keeps state of its own is given at start. */
export interface BrokerEnvironment {
  /** The broker's id: leader, coordinator and controller of everything. */
  readonly nodeId: number;
  /** The address clients are told to connect to; the port is known once the server listens. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** An absolute path. A part keeps its files in a folder of its own below it. */
  readonly dataDir: string;
  readonly logger: BrokerLogger;
  readonly topics: TopicCatalogue;
  /** Milliseconds since the epoch. */
  now(): number;
}
