import { describeFailure } from '@playhead/service-kit/process';
import { ArgumentError, readArguments, USAGE } from './arguments.ts';
import { makeToken } from './make-token.ts';

const args = process.argv.slice(2);
try {
  console.log(args.includes('--help') ? USAGE : await makeToken(readArguments(args), process.env));
} catch (error) {
  if (error instanceof ArgumentError) console.error(`${error.message}\n${USAGE}`);
  else console.error(describeFailure(error));
  process.exitCode = error instanceof ArgumentError ? 2 : 1;
}
