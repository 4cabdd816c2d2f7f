import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { BrokerStartError, startBrokerProcess } from './broker-process.ts';

// What a request leaves behind is garbage as soon as it is answered: room for more than the first megabytes of it only makes the process larger, by 30 MB.
setFlagsFromString('--semi-space-growth-factor=1');
// The rest is collected when it has doubled, not after a tenth: each time threads of V8 take the cores from clients on the same machine for 10 ms and more.
setFlagsFromString('--heap-growing-percent=100');
// And never by V8's memory reducer, which takes a process that works a third of the time for idle; set before it has run, or V8 ends the process.
setFlagsFromString('--memory-reducer-gc-count=0');

try {
  const { env, argv, stdout, stderr } = process;
  const broker = await startBrokerProcess({ env, args: argv.slice(2), stdout, stderr });
  if (broker !== null) {
    const stop = (): void => {
      void broker.close().then(() => process.exit(0));
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
    // Started by a parent over IPC: it is told when to begin, and its end is ours.
    process.once('disconnect', stop);
    process.send?.({ type: 'ready', port: broker.port, registryPort: broker.registryPort });
  }
} catch (error) {
  console.error(error instanceof BrokerStartError ? error.message : error);
  process.exit(1);
}
