/** What is committed beside an offset, so that a task that moves finds its stream time again. */
export interface OffsetMetadata {
  readonly partitionTimeMs: number;
}

export const encodeOffsetMetadata = ({ partitionTimeMs }: OffsetMetadata): string =>
  JSON.stringify({ partitionTimeMs });

/** Anything that is not ours (an empty text, another library's) reads as "no time known". */
export function decodeOffsetMetadata(text: string): OffsetMetadata {
  try {
    const parsed = JSON.parse(text) as Partial<OffsetMetadata> | null;
    const partitionTimeMs = parsed?.partitionTimeMs;
    if (Number.isSafeInteger(partitionTimeMs)) return { partitionTimeMs: partitionTimeMs as number };
  } catch {
    // Not ours.
  }
  return { partitionTimeMs: -1 };
}
