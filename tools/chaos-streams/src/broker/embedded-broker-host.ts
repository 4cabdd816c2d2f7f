import { jsonLogger, startBroker } from '@playhead/embedded-kafka';
import type { ReadyMessage } from '../child-ready.ts';

// Run with the data directory and two ports, of the broker and of its registry: as `npm run broker` has it, but for sessions as short as a tool wants them.
const [dataDir = '', port = '0', registryPort = '0'] = process.argv.slice(2);
const quiet = (): void => undefined;
const broker = await startBroker({
  dataDir,
  port: Number(port),
  registryPort: Number(registryPort),
  groups: { minSessionTimeoutMs: 100 },
  logger: { ...jsonLogger(process.stderr), info: quiet, warn: quiet },
});
process.on('message', () => void broker.close().then(() => process.exit()));
// A parent that is gone cannot kill it.
process.on('disconnect', () => process.exit());
const ready: ReadyMessage = { type: 'ready', port: broker.port };
process.send?.(ready);
