import { ProcessorNode } from '../../processor/processor-node.ts';

/** Passes records and changes on as they are: a branch, or the point where streams meet. */
export class PassThroughNode extends ProcessorNode {
  override process(key: unknown, value: unknown, timestamp: number): void {
    this.forward(key, value, timestamp);
  }

  override processChange(
    key: unknown,
    newValue: unknown,
    oldValue: unknown,
    timestamp: number,
    isLatest: boolean,
  ): void {
    this.forwardChange(key, newValue, oldValue, timestamp, isLatest);
  }
}
