import { readArguments, USAGE } from './arguments.ts';
import { conformance } from './conformance.ts';

try {
  const args = readArguments(process.argv.slice(2));
  if (args === null) console.log(USAGE);
  else process.exitCode = (await conformance(args)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n${USAGE}` : error);
  process.exitCode = 2;
}
