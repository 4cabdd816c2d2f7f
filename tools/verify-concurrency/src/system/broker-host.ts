import { jsonLogger, startBroker } from '@playhead/embedded-kafka';

// Run with the data directory and two ports: broker and registry as `npm run broker` has them, but for sessions as short as a scaled time needs.
const [dataDir = '', port = '0', registryPort = '0'] = process.argv.slice(2);
const broker = await startBroker({
  dataDir,
  port: Number(port),
  registryPort: Number(registryPort),
  groups: { minSessionTimeoutMs: 100 },
  logger: jsonLogger(process.stderr),
});
process.on('message', () => void broker.close().then(() => process.exit()));
process.on('disconnect', () => process.exit());
process.send?.({ type: 'ready' });
