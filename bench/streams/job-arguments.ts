/** What a contestant's process is told, as `name=value` arguments, which every language of them reads easily. */
export interface JobArguments {
  readonly brokers: string;
  readonly topic: string;
  /** Names the job's group and internal topics; its output topic is `<application>-out`. */
  readonly application: string;
  /** It ends when so many were taken; 0: when its standard input ends. */
  readonly records: number;
  readonly guarantee: 'at_least_once' | 'exactly_once';
  readonly store: 'memory' | 'disk';
  /** A directory for stores on disk, of this process alone. */
  readonly stateDir: string;
  /** Settings for throughput (batches as large as it likes) or latency (nothing waits for company). */
  readonly aim: 'throughput' | 'latency';
}

/** For a command line. */
export const toCommandLine = (job: JobArguments): string[] =>
  Object.entries(job).map(([name, value]) => `${name}=${value}`);

/** From this process's command line. */
export function jobArguments(): JobArguments {
  const values = Object.fromEntries(
    process.argv.slice(2).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  ) as Record<keyof JobArguments, string>;
  return { ...values, records: Number(values.records) } as JobArguments;
}
