import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isCapture, readCapture } from './read-capture.ts';
import { isNeutralEvent, readNeutralEvents } from './read-neutral-events.ts';
import type { Recording } from './recording.ts';

/** A file that is no recording; the message names it. */
export class RecordingError extends Error {
  readonly code = 'RECORDING';
}

/** The recordings of a file, packed with gzip or not: one of a capture, one for each session of neutral events. */
export function readRecordings(file: string): readonly Recording[] {
  const lines = parseLines(file);
  const [first] = lines;
  if (first === undefined) throw new RecordingError(`${file} is empty`);
  const name = basename(file).replace(/\.jsonl(\.gz)?$/, '');
  if (isCapture(first)) return [readCapture(name, lines)];
  if (isNeutralEvent(first)) return readNeutralEvents(name, lines);
  // What the video element said, beside a capture: `replay cmcd/*.jsonl` names these files too.
  if ('scenario' in first) return [];
  throw new RecordingError(
    `${file} is neither a capture (server, method, …) nor neutral events (tMs, session, event, …)`,
  );
}

function parseLines(file: string): readonly object[] {
  return readText(file)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        const value: unknown = JSON.parse(line);
        if (typeof value === 'object' && value !== null) return [value];
      } catch {
        // Said below, with the place.
      }
      throw new RecordingError(`${file}, line ${index + 1}: not a JSON object`);
    });
}

function readText(file: string): string {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new RecordingError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}
