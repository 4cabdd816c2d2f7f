import { startBroker } from '@playhead/embedded-kafka';

/** What the broker's process tells its parent. */
export interface CompactionMessage {
  readonly port?: number;
  /** The fields of each `log compacted`. */
  readonly compacted?: {
    readonly topic: string;
    readonly bytesBefore: number;
    readonly bytes: number;
    readonly keys: number;
    /** Where what is not compacted yet begins. */
    readonly upTo: number;
    readonly longestSliceMs: number;
  };
}

// Run with the data directory as argument: the broker as `npm run broker` has it, but for the interval of compaction.
const tell = (message: CompactionMessage): void => void process.send?.(message);
const quiet = (): void => undefined;
const broker = await startBroker({
  dataDir: process.argv[2] ?? '',
  port: 0,
  registryPort: 0,
  compactionIntervalMs: 100,
  logger: {
    warn: quiet,
    error: quiet,
    info: (message, fields) => {
      if (message === 'log compacted') tell({ compacted: fields as NonNullable<CompactionMessage['compacted']> });
    },
  },
});
// A parent that is gone cannot kill it.
process.on('disconnect', () => process.exit());
tell({ port: broker.port });
