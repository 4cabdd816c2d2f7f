import { runProcess } from '@playhead/service-kit/process';
import { showProgress } from './show-progress.ts';
import { startSimulation } from './simulation.ts';
import { ArgumentError, readOptions, USAGE } from './simulation-options.ts';

const CLOSE_TIMEOUT_MS = 2_000;

try {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
  } else {
    const options = readOptions(process.argv.slice(2), process.env);
    await runProcess(
      async () => {
        const simulation = startSimulation(options, process.env);
        // Under `npm start` the terminal is the parent's.
        if (process.connected) return simulation;
        console.log(`${options.viewers} viewers at ${options.gateway}, seed ${options.seed}`);
        const stopProgress = showProgress(simulation.tallies, process.stdout);
        return { ...simulation, close: () => simulation.close().finally(stopProgress) };
      },
      { closeTimeoutMs: CLOSE_TIMEOUT_MS, orphaned: 'exit' },
    );
  }
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  console.error(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
