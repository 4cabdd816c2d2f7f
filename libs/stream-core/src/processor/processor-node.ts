import { StreamsError } from '../errors.ts';
import type { TaskContext } from './task-context.ts';

/**
 * A node of a task's graph. Records go depth first, children in the order they were attached, as plain arguments: no object per record.
 *
 * Streams forward `process`; tables forward `processChange` with the new and the old value. `oldValue` is null where nobody downstream asked for old values, and `isLatest` is
 * false for a change that a versioned store filed behind a newer one.
 */
export abstract class ProcessorNode<K = unknown, V = unknown> {
  name = '';
  readonly children: ProcessorNode[] = [];
  protected context!: TaskContext;

  /** Called once, when the stores are restored and before the first record. */
  init(context: TaskContext): void {
    this.context = context;
  }

  abstract process(key: K, value: V, timestamp: number): void;

  processChange(_key: K, _newValue: V, _oldValue: V, _timestamp: number, _isLatest: boolean): void {
    throw new StreamsError('STREAMS_PROCESSOR', `${this.name} takes records, not changes of a table`);
  }

  close(): void {}

  protected forward(key: unknown, value: unknown, timestamp: number): void {
    const children = this.children;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as ProcessorNode;
      try {
        child.process(key, value, timestamp);
      } catch (error) {
        this.context.handleError(child, error);
      }
    }
  }

  protected forwardChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    const children = this.children;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as ProcessorNode;
      try {
        child.processChange(key, newValue, oldValue, timestamp, isLatest);
      } catch (error) {
        this.context.handleError(child, error);
      }
    }
  }
}

/** A node of a table: it takes changes only. */
export abstract class TableProcessorNode<K = unknown, V = unknown> extends ProcessorNode<K, V> {
  override process(): void {
    throw new StreamsError('STREAMS_PROCESSOR', `${this.name} takes changes of a table, not records`);
  }

  abstract override processChange(key: K, newValue: V, oldValue: V, timestamp: number, isLatest: boolean): void;
}
