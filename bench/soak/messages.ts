/** What the application's process says to its parent every `REPORT_MS`. */
export interface SoakReport {
  /** Records taken so far. */
  readonly records: number;
  readonly memory: NodeJS.MemoryUsage;
  readonly cpuSeconds: number;
}

export const REPORT_MS = 250;
/** The application always has about that much to do; more, and topics that keep little would lose what it has not read. */
export const MAX_AHEAD = 200_000;
/** Topics keep that much of a partition: a soak at full rate writes tens of gigabytes. */
export const KEPT_BYTES = {
  'retention.bytes': `${64 * 2 ** 20}`,
  'segment.bytes': `${16 * 2 ** 20}`,
  'file.delete.delay.ms': '1000',
};
