import { jsonLogger, startBroker } from '@playhead/embedded-kafka';

// Run with the data directory and the port: the broker as `npm run broker` has it, but for sessions as short as the tool wants them.
const [dataDir = '', port = '0'] = process.argv.slice(2);
const quiet = (): void => undefined;
const broker = await startBroker({
  dataDir,
  port: Number(port),
  registryPort: 0,
  groups: { minSessionTimeoutMs: 100 },
  logger: { ...jsonLogger(process.stderr), info: quiet, warn: quiet },
});
process.on('disconnect', () => process.exit());
process.send?.({ port: broker.port });
