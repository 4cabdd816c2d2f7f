import { ProcessorNode } from '../../processor/processor-node.ts';
import type { ForeachAction, NamedOptions, PrintOptions } from '../options.ts';
import type { StreamHandle } from '../stream-handle.ts';
import { attach } from './stateless.ts';

/** Calls the action; `peek` then passes the record on, `foreach` has no children to pass it to. */
class PeekNode<K, V> extends ProcessorNode<K, V> {
  readonly #action: ForeachAction<K, V>;

  constructor(action: ForeachAction<K, V>) {
    super();
    this.#action = action;
  }

  override process(key: K, value: V, timestamp: number): void {
    this.#action(value, key);
    this.forward(key, value, timestamp);
  }
}

/** Attaches `peek`: the action sees each record before it goes on. */
export function peekStream<K, V>(
  stream: StreamHandle,
  action: ForeachAction<K, V>,
  { name }: NamedOptions,
): StreamHandle {
  return attach(stream, { name, prefix: 'KSTREAM-PEEK-', create: () => new PeekNode(action) });
}

/** Attaches `foreach`: as `peekStream`, and nothing comes after it. */
export function foreachOfStream<K, V>(stream: StreamHandle, action: ForeachAction<K, V>, { name }: NamedOptions): void {
  attach(stream, { name, prefix: 'KSTREAM-FOREACH-', create: () => new PeekNode(action) });
}

/** `[label]: key, value`, a line per record. */
export function printStream(stream: StreamHandle, options: PrintOptions): void {
  const { name, label = stream.name, write = (line) => process.stdout.write(`${line}\n`) } = options;
  const action = (value: unknown, key: unknown): void => {
    write(`[${label}]: ${textOf(key)}, ${textOf(value)}`);
  };
  attach(stream, { name, prefix: 'KSTREAM-PRINTER-', create: () => new PeekNode(action) });
}

/** Objects without a text of their own as JSON. */
function textOf(value: unknown): string {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
