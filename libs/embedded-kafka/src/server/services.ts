/** What handlers that own no log may ask about topics. */
export interface TopicCatalogue {
  /** Whether the partition exists now. */
  hasPartition(topic: string, partition: number): boolean;
  /** Calls the listener after a topic has been deleted, with its name. */
  onTopicDeleted(listener: (topic: string) => void): void;
}

/** The one broker there is, as clients are told to find it. */
export interface BrokerIdentity {
  /** Leader, coordinator and controller of everything. */
  readonly nodeId: number;
  /** The port is known once the server listens. */
  readonly advertised: { readonly host: string; readonly port: number };
}
