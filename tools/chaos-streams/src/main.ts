import { chaos } from './chaos.ts';
import { optionsOrExit } from './command-line.ts';
import { HELP, readOptions } from './options.ts';
import { isKept, reportLines } from './report.ts';

const options = optionsOrExit(readOptions);
if (options === undefined) console.log(HELP);
else {
  console.log(
    `seed ${options.seed}: ${options.kills} kills, ${options.guarantee}, ${options.store}, ${options.broker} broker`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.once('disconnect', () => process.exit(130));
  try {
    const report = await chaos(options, console.log);
    for (const line of reportLines(options, report)) console.log(line);
    process.exitCode = isKept(options, report) ? 0 : 1;
  } catch (error) {
    console.error(`FAILED with seed ${options.seed}:`, error);
    process.exitCode = 1;
  }
}
