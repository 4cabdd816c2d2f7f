import { serdes } from '@playhead/stream-core';
import type { Serde } from '@playhead/stream-core';

/** Bytes as they are, for tools that look at a topic of the catalogue without reading it. */
export const bytesSerde: Serde<Uint8Array> = serdes.bytes;
