import { originOf, withOrigin } from '../../processor/record-origin.ts';
import type { TaskContext } from '../../processor/task-context.ts';
import type { BufferedRecord, JoinBuffer } from '../../state/join-buffer.ts';
import type { TableGetter } from '../table-handle.ts';
import type { JoinParts } from './stream-table-join-node.ts';
import { StreamTableJoinNode } from './stream-table-join-node.ts';

/**
 * A join with a versioned table that waits for it: records of the stream are joined when the stream is the grace further, in the order of their timestamps, with the table as it was at their
 * time. A record that is too late for that, or has no key to wait under, is joined at once.
 */
export class BufferedStreamTableJoinNode extends StreamTableJoinNode {
  readonly #bufferName: string;
  #buffer!: JoinBuffer<unknown, unknown>;

  constructor(parts: JoinParts, getter: TableGetter, bufferName: string) {
    super(parts, getter);
    this.#bufferName = bufferName;
  }

  override init(context: TaskContext): void {
    super.init(context);
    this.#buffer = context.store(this.#bufferName) as JoinBuffer<unknown, unknown>;
  }

  override process(key: unknown, value: unknown, timestamp: number): void {
    if (key === null || value === null) {
      super.process(key, value, timestamp);
      return;
    }
    const isTaken = this.#buffer.put({ key, value, ...originOf(this.context.record, timestamp) });
    if (!isTaken) super.process(key, value, timestamp);
    for (let next = this.#buffer.next(); next !== undefined; next = this.#buffer.next()) {
      this.#joinAsItCame(next);
      this.#buffer.removeNext();
    }
  }

  #joinAsItCame(buffered: BufferedRecord<unknown, unknown>): void {
    const { key, value, timestamp } = buffered;
    withOrigin(this.context.record, buffered, () => {
      try {
        super.process(key, value, timestamp);
      } catch (error) {
        // Of this record and not of the one in progress; if the handler lets it pass, it must not be the next one again.
        this.context.handleError(this, error);
      }
    });
  }
}
