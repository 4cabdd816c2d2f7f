/** What a contestant's process prints as its last line. */
export interface JobResult {
  readonly contestant: string;
  readonly records: number;
  readonly outputs: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Starts measuring; the returned function prints the result. User and system time of all threads of this process. */
export function measure(contestant: string): (records: number, outputs: number) => void {
  const startCpu = process.cpuUsage();
  const startedAt = performance.now();
  return (records, outputs) => {
    const cpu = process.cpuUsage(startCpu);
    const result: JobResult = {
      contestant,
      records,
      outputs,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      wallSeconds: (performance.now() - startedAt) / 1000,
    };
    console.log(`RESULT ${JSON.stringify(result)}`);
  };
}
