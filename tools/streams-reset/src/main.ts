import { KafkaClient, resetApplication } from '@playhead/stream-core/client';
import { HELP, readArguments, UsageError } from './options.ts';
import { reportLines } from './report.ts';

try {
  const args = readArguments(process.argv.slice(2));
  if (args === undefined) console.log(HELP);
  else {
    const client = new KafkaClient(args.client);
    try {
      const plan = await resetApplication(client, args.reset);
      console.log(reportLines(plan, { dryRun: args.reset.dryRun ?? false }).join('\n'));
    } finally {
      await client.close();
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
