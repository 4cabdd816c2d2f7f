// One instance of the application, to be killed: `node instance-process.ts SETTINGS`, where the settings are JSON.
import { openSync, writeSync } from 'node:fs';
import { KafkaStreams } from '@playhead/stream-core';
import { topicsOf } from '../workload.ts';
import type { InstanceMessage, InstanceSettings } from './instance-settings.ts';
import { openJournal } from './journal.ts';
import { buildTopology } from './topology.ts';

const REPORT_INTERVAL_MS = 500;
const settings = JSON.parse(process.argv[2] ?? '{}') as InstanceSettings;
const log = openSync(settings.logFile, 'a');
const write =
  (level: string) =>
  (fields: object, message: string): void =>
    void writeSync(
      log,
      `${JSON.stringify({ time: new Date(), pid: process.pid, level, ...readable(fields), message })}\n`,
    );
const tell = (message: InstanceMessage): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const { journals } = settings;
const onRead = { beats: openJournal(journals.beats), countries: openJournal(journals.countries) };
const streams = new KafkaStreams(buildTopology(topicsOf(settings.applicationId), onRead), {
  applicationId: settings.applicationId,
  kafka: {
    brokers: [`127.0.0.1:${settings.port}`],
    clientId: settings.clientId,
    connectionTimeoutMs: 5_000,
    requestTimeoutMs: 15_000,
    retryTimeoutMs: settings.retryTimeoutMs,
  },
  processingGuarantee: settings.guarantee,
  state: settings.state,
  ...(settings.groupInstanceId === undefined ? {} : { groupInstanceId: settings.groupInstanceId }),
  numStandbyReplicas: settings.numStandbyReplicas,
  acceptableRecoveryLag: settings.acceptableRecoveryLag,
  commitIntervalMs: settings.commitIntervalMs,
  sessionTimeoutMs: settings.sessionTimeoutMs,
  heartbeatIntervalMs: Math.max(50, Math.floor(settings.sessionTimeoutMs / 10)),
  rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
  transactionTimeoutMs: settings.transactionTimeoutMs,
  logger: { debug: () => undefined, info: write('info'), warn: write('warn'), error: write('error') },
});

process.once('disconnect', () => process.exit());
process.on('message', () => void streams.close({ timeoutMs: settings.closeTimeoutMs }).then(() => process.exit()));
streams.onStateChange((state) => {
  if (state !== 'ERROR') return;
  tell({ failed: String(streams.error) });
  setTimeout(() => process.exit(1), 100);
});
setInterval(report, REPORT_INTERVAL_MS);
streams.start().catch((error: unknown) => write('error')({ err: error }, 'did not start'));

function report(): void {
  const values = new Map([...streams.metrics()].map(({ name, value }) => [name, value]));
  tell({ processed: values.get('process-total') ?? 0, commits: values.get('commit-total') ?? 0 });
}

/** Errors are no JSON. */
function readable(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error
        ? `${value.message}${value.cause === undefined ? '' : ` <- ${String(value.cause)}`}`
        : (value as unknown),
    ]),
  );
}
