import { ProcessorNode } from '../../processor/processor-node.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { JoinStore } from '../../state/join-store.ts';

/** Keeps the records of one side of a stream-stream join. The join comes first, so that a record of a self-join does not find itself here. */
export class JoinWindowNode extends ProcessorNode {
  readonly #storeName: string;
  #store!: JoinStore<unknown, unknown>;

  constructor(storeName: string) {
    super();
    this.#storeName = storeName;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#store = context.store(this.#storeName) as JoinStore<unknown, unknown>;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    this.forward(key, value, timestamp);
    if (key !== null) this.#store.put(key, value, timestamp);
  }
}
