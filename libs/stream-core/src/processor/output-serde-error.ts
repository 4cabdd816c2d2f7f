import { SerdeError } from '../errors.ts';

/** A sink's serde cannot write a key or a value. */
export class OutputSerdeError extends SerdeError {
  /** Of the topic that the record was to go to. */
  readonly outputTopic: string;
  readonly part: 'key' | 'value';

  constructor(outputTopic: string, part: 'key' | 'value', cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`the ${part} cannot be serialised for topic ${outputTopic}: ${reason}`, { cause });
    this.outputTopic = outputTopic;
    this.part = part;
  }
}
