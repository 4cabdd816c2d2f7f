import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { flowFolder } from './flow-peer.ts';
import { jobArguments } from './job-arguments.ts';
import { JobMeter } from './result.ts';
import { beatType, WINDOW_MS } from './workload.ts';

/** The windowed count on @kafkats/flow, with its store in memory and its changelog on, all partitions at once. Loaded from where `flow-peer.ts` put it. */
interface Codec<T> {
  encode(value: T): Buffer;
  decode(bytes: Buffer): T;
}
interface Windowed {
  readonly key: string;
  readonly window: { readonly start: number };
}
interface Stream {
  peek(each: () => void): Stream;
  groupByKey(options: object): {
    windowedBy(windows: unknown): {
      count(options: object): { toStream(): { to(topic: string, options: object): void } };
    };
  };
}
interface FlowModule {
  flow(config: object): {
    stream(topic: string, options: object): Stream;
    start(): Promise<void>;
    close(): Promise<void>;
  };
  TimeWindows: { of(sizeMs: number): unknown };
  string(): Codec<string>;
}

const job = jobArguments();
const meter = new JobMeter(job);
const require = createRequire(pathToFileURL(`${flowFolder}/`));
const { flow, TimeWindows, string } = (await import(
  pathToFileURL(require.resolve('@kafkats/flow')).href
)) as FlowModule;

const beats: Codec<unknown> = {
  encode: () => Buffer.alloc(0),
  decode: (bytes) => beatType.fromBuffer(bytes.subarray(5)),
};
const long: Codec<number> = {
  encode: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    return bytes;
  },
  decode: (bytes) => Number(bytes.readBigInt64BE()),
};
const windowed: Codec<Windowed> = {
  encode: ({ key, window }) => {
    const bytes = Buffer.alloc(Buffer.byteLength(key) + 8);
    bytes.write(key);
    bytes.writeBigInt64BE(BigInt(window.start), bytes.length - 8);
    return bytes;
  },
  decode: () => {
    throw new TypeError('the output is not read here');
  },
};

const app = flow({
  runEach: { partitionConcurrency: 4 },
  applicationId: job.application,
  client: { brokers: job.brokers.split(','), clientId: job.application },
});
app
  .stream(job.topic, { key: string(), value: beats, offsetReset: 'earliest' })
  .peek(() => meter.tick())
  .groupByKey({ key: string(), value: beats })
  .windowedBy(TimeWindows.of(WINDOW_MS))
  .count({ storeName: 'counts', key: string(), value: long })
  .toStream()
  .to(`${job.application}-out`, { key: windowed, value: long });
await app.start();
await meter.done;
await app.close();
meter.finish();
