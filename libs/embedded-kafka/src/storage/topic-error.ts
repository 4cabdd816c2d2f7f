/** Why a change of a topic was refused, with Kafka's error code. */
export class TopicError extends Error {
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.name = 'TopicError';
    this.errorCode = errorCode;
  }
}
