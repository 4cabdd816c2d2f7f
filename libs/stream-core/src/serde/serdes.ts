import { jsonSerde } from './json-serde.ts';
import { bytesSerde, doubleSerde, intSerde, longSerde, noneSerde, stringSerde } from './primitive-serdes.ts';
import { sessionWindowedSerde, timeWindowedSerde } from './windowed-serdes.ts';

/** The serdes that come with the library, byte-compatible with Kafka's own of the same names. All throw `SerdeError` for what they cannot read or write. */
export const serdes = {
  /** UTF-8. */
  string: stringSerde,
  /** As they are; what is read is a copy. */
  bytes: bytesSerde,
  /** 8 bytes big-endian, whole numbers up to ±2^53. */
  long: longSerde,
  /** 4 bytes big-endian, 32-bit whole numbers. */
  int: intSerde,
  /** 8 bytes, IEEE 754, big-endian. */
  double: doubleSerde,
  /** Nothing: every record has null there. */
  none: noneSerde,
  /** UTF-8 JSON, unchecked when read. */
  json: jsonSerde,
  /** Key, then start of a time window of that size. */
  timeWindowed: timeWindowedSerde,
  /** Key, then end and start of a session. */
  sessionWindowed: sessionWindowedSerde,
} as const;
