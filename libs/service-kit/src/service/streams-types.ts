/** Stands for stream-core's types until its entry exists. */
export type Topology = object;

/** Stands for stream-core's types until its entry exists. */
export type KafkaStreams = object;

/** Stands for stream-core's types until its entry exists. */
export type SchemaSource = object;
