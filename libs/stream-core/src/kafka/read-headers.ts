import type { RecordCursor } from '@playhead/kafka-protocol';
import type { Header, Headers } from '../processor/headers.ts';

/** The headers of the cursor's record, copied out of the batch. */
export function readHeaders(cursor: RecordCursor): Headers {
  const headers: Header[] = [];
  while (cursor.nextHeader()) {
    const { bytes, headerKeyStart, headerKeyEnd, headerValueStart, headerValueEnd } = cursor;
    headers.push({
      key: bytes.toString('utf8', headerKeyStart, headerKeyEnd),
      value: headerValueStart < 0 ? null : Uint8Array.prototype.slice.call(bytes, headerValueStart, headerValueEnd),
    });
  }
  return headers;
}
