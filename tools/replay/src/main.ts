import { describeFailure } from '@playhead/service-kit/process';
import { GatewayApi, GatewayError } from './gateway-api.ts';
import { readRecordings, RecordingError } from './read-recordings.ts';
import { ArgumentError, readOptions, USAGE } from './replay-options.ts';
import { replay } from './replay.ts';
import { terminal } from './terminal.ts';

/** `npm run replay`: progress on standard error, then one line of JSON on standard output. */
async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const recordings = options.files.flatMap(readRecordings);
  const api = new GatewayApi(options.gateway, options.tenant, process.env);
  const { show, end } = terminal(process.stderr);
  try {
    show(`${recordings.length} recordings at ${options.gateway}, speed ${options.speed}`, 'lasting');
    const result = await replay(recordings, { ...options, api, show });
    end();
    console.log(JSON.stringify(result));
  } finally {
    end();
    api.close();
  }
}

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else await run();
} catch (error) {
  const expected = error instanceof ArgumentError || error instanceof RecordingError || error instanceof GatewayError;
  console.error(expected ? error.message : describeFailure(error));
  if (error instanceof ArgumentError) console.error(USAGE);
  process.exitCode = error instanceof ArgumentError ? 2 : 1;
}
