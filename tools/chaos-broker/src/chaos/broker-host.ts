import type { ReadyMessage } from '@playhead/chaos-streams/testing';
import { jsonLogger, startBroker } from '@playhead/embedded-kafka';

/** What the broker's process tells its parent once it is ready. */
export interface HostMessage {
  /** Logs compacted since the process began, with each one that was. */
  readonly compacted?: number;
  /** A round of maintenance and compaction that was asked for is over. */
  readonly maintained?: true;
}

// Run with the data directory and the port as arguments: the broker as `npm run broker` has it, but for short intervals.
const [dataDir = '', port = '0'] = process.argv.slice(2);
const tell = (message: HostMessage): void => void process.send?.(message);
let compacted = 0;
const stderr = jsonLogger(process.stderr);
const broker = await startBroker({
  dataDir,
  port: Number(port),
  registryPort: 0,
  compactionIntervalMs: 100,
  maintenanceIntervalMs: 300,
  logger: {
    ...stderr,
    info: (message) => {
      if (message === 'log compacted') tell({ compacted: ++compacted });
    },
  },
});
process.on('message', () => void broker.maintain().then(() => tell({ maintained: true })));
// A parent that is gone cannot kill it.
process.on('disconnect', () => process.exit());
const ready: ReadyMessage = { type: 'ready', port: broker.port };
process.send?.(ready);
