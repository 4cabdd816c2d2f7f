import { compete } from './contestant.ts';
import type { Pass } from './contestant.ts';
import { addPositions, genreOf, isKept, JOIN_WITHIN_MS, toSeconds, WINDOW_MS } from './workload.ts';
import type { CaseName, Input } from './workload.ts';

/**
 * The floor: the same work as a loop by hand. It reads keys and values from bytes and writes results and changelog entries as bytes, as the driver does; it has no late records, no expiry, no
 * dropped-record counts, no error handling, no partitions, no punctuation, no commits, no names and no re-ordering.
 */
interface Written {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestamp: number;
}

class PlainPass implements Pass {
  readonly #each: (key: string, value: number, timestamp: number, isRight: boolean) => void;
  readonly #written: Written[] = [];
  readonly #counts = new Map<number, Map<string, number>>();
  readonly #left = new Map<string, { value: number; timestamp: number }[]>();
  readonly #right = new Map<string, { value: number; timestamp: number }[]>();

  constructor(name: CaseName) {
    this.#each = { stateless: this.#stateless, 'windowed-count': this.#count, 'stream-join': this.#join }[name];
  }

  run({ count, keys, values, timestamps, isRight }: Input): void {
    for (let i = 0; i < count; i++) {
      const key = Buffer.from(keys[i] as string);
      const value = long(values[i] as number);
      this.#each(key.toString(), readLong(value), timestamps[i] as number, isRight[i] === 1);
    }
  }

  check(): { outputs: number; sum: number } {
    const values = this.#written.filter(({ topic }) => topic === 'out').map(({ value }) => readLong(value));
    return { outputs: values.length, sum: values.reduce((sum, value) => sum + value, 0) };
  }

  readonly #stateless = (_key: string, value: number, timestamp: number): void => {
    if (!isKept(value)) return;
    const seconds = toSeconds(value);
    this.#write('out', Buffer.from(genreOf(seconds)), long(seconds), timestamp);
  };

  readonly #count = (key: string, _value: number, timestamp: number): void => {
    const start = timestamp - (timestamp % WINDOW_MS);
    let window = this.#counts.get(start);
    if (window === undefined) this.#counts.set(start, (window = new Map<string, number>()));
    const count = (window.get(key) ?? 0) + 1;
    window.set(key, count);
    this.#write('counts-changelog', storeKey(key, start, 0), long(count), timestamp);
    this.#write('out', windowedKey(key, start), long(count), timestamp);
  };

  readonly #join = (key: string, value: number, timestamp: number, isRight: boolean): void => {
    const [own, others] = isRight ? [this.#right, this.#left] : [this.#left, this.#right];
    for (const other of others.get(key) ?? []) {
      if (timestamp - other.timestamp > JOIN_WITHIN_MS) continue;
      const sum = isRight ? addPositions(other.value, value) : addPositions(value, other.value);
      this.#write('out', Buffer.from(key), long(sum), Math.max(timestamp, other.timestamp));
    }
    const records = own.get(key);
    if (records === undefined) own.set(key, [{ value, timestamp }]);
    else records.push({ value, timestamp });
    this.#write(isRight ? 'right-changelog' : 'left-changelog', storeKey(key, timestamp, 1), long(value), timestamp);
  };

  #write(topic: string, key: Buffer, value: Buffer, timestamp: number): void {
    this.#written.push({ topic, key, value, timestamp });
  }
}

function long(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeInt32BE(Math.floor(value / 2 ** 32));
  bytes.writeUInt32BE(value % 2 ** 32, 4);
  return bytes;
}

function readLong(bytes: Buffer): number {
  return bytes.readInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
}

function windowedKey(key: string, start: number): Buffer {
  return Buffer.concat([Buffer.from(key), long(start)]);
}

function storeKey(key: string, timestamp: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(Buffer.byteLength(key) + 12);
  bytes.write(key);
  long(timestamp).copy(bytes, bytes.length - 12);
  bytes.writeInt32BE(sequence, bytes.length - 4);
  return bytes;
}

compete((name) => new PlainPass(name));
