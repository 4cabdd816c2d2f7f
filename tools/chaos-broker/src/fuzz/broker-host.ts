import { startTestBroker } from '@playhead/embedded-kafka/testing';

/** The broker under attack as a process of its own, run with `--expose-gc`: tells its parent its port, and on request what memory is reachable after a collection. */
export interface HostMessage {
  readonly port?: number;
  readonly memoryBytes?: number;
}

// Without transactions that time out or topics that come by themselves, what is left over at the end is what leaked.
const broker = await startTestBroker({ autoCreateTopics: false, maxPartitions: 500, defaultPartitions: 1 });
const tell = (message: HostMessage): void => void process.send?.(message);

process.on('message', (request) => {
  if (request === 'memory') {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    tell({ memoryBytes: heapUsed + external });
  } else if (request === 'restart') {
    void broker.restart().then(() => tell({ port: broker.port }));
  } else {
    void broker.close().then(() => process.disconnect());
  }
});
tell({ port: broker.port });
