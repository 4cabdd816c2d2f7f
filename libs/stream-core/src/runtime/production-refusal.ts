import type { ProductionHandler } from './streams-config.ts';

/** The part of `BatchProducer` that reports what Kafka refused. */
export interface RefusedProducer {
  readonly error: Error | undefined;
  clearError(): void;
}

/** Who decides, and who is told. */
export interface RefusalOptions {
  readonly handler: ProductionHandler;
  /** The output is left out. */
  readonly onDropped: (error: Error) => void;
  /** The application cannot go on: the handler said so, or threw. */
  readonly onError: (error: unknown) => void;
}

/** Asks the production handler about the producer's error, if there is one. Never throws: it runs inside the producer's answers. */
export function decideAboutRefusal(producer: RefusedProducer, { handler, onDropped, onError }: RefusalOptions): void {
  const { error } = producer;
  if (error === undefined) return;
  try {
    if (handler(error) === 'fail') onError(error);
    else {
      onDropped(error);
      producer.clearError();
    }
  } catch (thrown) {
    onError(thrown);
  }
}
