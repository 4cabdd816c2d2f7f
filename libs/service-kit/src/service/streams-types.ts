/** Stands for stream-core's type until its entry has it. */
export type KafkaStreams = object;
