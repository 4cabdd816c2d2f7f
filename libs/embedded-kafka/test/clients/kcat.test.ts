import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { createTopicsApi } from '@playhead/kafka-protocol';
import { startTestBroker, type TestBroker } from '../../src/testing.ts';
import { RawClient } from '../support/raw-client.ts';

// Processes and clients take their time on a busy machine.
jest.setTimeout(60_000);

const isInstalled = spawnSync('kcat', ['-V']).error === undefined;
if (!isInstalled)
  process.stderr.write('skipped: kcat is not installed (apt-get install kcat), so librdkafka is not tried\n');
const describeWithKcat = isInstalled ? describe : describe.skip;

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker();
});

afterAll(() => broker.close());

/** Runs kcat against the broker; rejects with what it said when it fails. */
function kcat(args: readonly string[], input = ''): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile('kcat', ['-b', broker.address, ...args], { timeout: 50_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`kcat ${args.join(' ')}: ${stderr}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describeWithKcat('kcat (librdkafka)', () => {
  test('lists the broker as the controller', async () => {
    const { stdout } = await kcat(['-L']);
    expect(stdout).toContain(`broker 1 at 127.0.0.1:${broker.port} (controller)`);
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'produces and consumes with codec %s, compressed as asked',
    async (codec) => {
      const topic = `codec-${codec}`;
      const client = await RawClient.connect(broker.port);
      await client.send(createTopicsApi, 4, { topics: [{ name: topic, numPartitions: 1, replicationFactor: 3 }] });
      await client.close();
      const sent = Array.from({ length: 200 }, (_, i) => `k${i}=value ${i} ${'repeated '.repeat(5)}`);
      const { stderr } = await kcat(['-P', '-t', topic, '-K=', '-z', codec], `${sent.join('\n')}\n`);
      // Said by librdkafka when ApiVersions does not report Produce version 0 (KAFKA-18659).
      expect(stderr).not.toContain('not compressing');
      const { stdout } = await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-K=']);
      expect(lines(stdout)).toEqual(sent);
    },
  );

  test.each(['snappy', 'lz4'])('batches with codec %s are compacted', async (codec) => {
    const topic = `compacted-${codec}`;
    const client = await RawClient.connect(broker.port);
    const configs = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'min.cleanable.dirty.ratio', value: '0' },
      { name: 'segment.ms', value: '1' },
    ];
    await client.send(createTopicsApi, 4, {
      topics: [{ name: topic, numPartitions: 1, replicationFactor: 1, configs }],
    });
    await client.close();
    const sent = Array.from({ length: 200 }, (_, i) => `k${i % 10}=value ${i} ${'repeated '.repeat(5)}`);
    const produce = (input: readonly string[]) =>
      kcat(['-P', '-t', topic, '-K=', '-z', codec], `${input.join('\n')}\n`);
    await produce(sent);
    await produce(['last=value']);
    await broker.maintain();
    const { stdout } = await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', '%o:%k=%s\n']);
    const kept = sent.slice(190).map((record, i) => `${190 + i}:${record}`);
    expect(lines(stdout)).toEqual([...kept, '200:last=value']);
  });

  test('an idempotent producer and a consumer group, which goes on where it stopped', async () => {
    await kcat(['-P', '-t', 'grouped', '-X', 'enable.idempotence=true'], 'a\nb\nc\n');
    const args = ['-G', 'kcat-group', '-q', '-e', '-X', 'auto.offset.reset=earliest', 'grouped'];
    const first = await kcat(args);
    expect(lines(first.stdout).sort()).toEqual(['a', 'b', 'c']);
    await kcat(['-P', '-t', 'grouped'], 'd\n');
    const second = await kcat(args);
    expect(lines(second.stdout)).toEqual(['d']);
  });

  test('asks for offsets by time', async () => {
    const before = Date.now();
    await kcat(['-P', '-t', 'timed', '-p', '0'], 'a\nb\n');
    await expect(kcat(['-Q', '-t', `timed:0:${before}`])).resolves.toMatchObject({ stdout: 'timed [0] offset 0\n' });
    await expect(kcat(['-Q', '-t', 'timed:0:-1'])).resolves.toMatchObject({ stdout: 'timed [0] offset 2\n' });
  });
});
