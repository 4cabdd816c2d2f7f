/** Why a message or a batch could not be read or written. */
export type KafkaProtocolErrorCode = 'MALFORMED' | 'UNSUPPORTED_VERSION' | 'CORRUPT_BATCH' | 'UNSUPPORTED_COMPRESSION';

/** The base of every error this library throws on purpose. */
export class KafkaProtocolError extends Error {
  readonly code: KafkaProtocolErrorCode;

  constructor(code: KafkaProtocolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A frame that is not a valid message: too short, a hostile count, a null where none may be. The connection it came from is to be closed. */
export class ProtocolError extends KafkaProtocolError {
  constructor(message: string, code: 'MALFORMED' | 'UNSUPPORTED_VERSION' = 'MALFORMED') {
    super(code, message);
  }
}

/** A record batch whose lengths, magic or checksum contradict themselves. Reading on after it is not possible. */
export class CorruptBatchError extends KafkaProtocolError {
  /** The batch's base offset as far as it could be read, else -1. */
  readonly baseOffset: number;

  constructor(message: string, baseOffset: number, options?: ErrorOptions) {
    super('CORRUPT_BATCH', message, options);
    this.baseOffset = baseOffset;
  }
}

/** A batch in a codec that does not exist. */
export class UnsupportedCompressionError extends KafkaProtocolError {
  /** Kafka's name of the codec. */
  readonly codec: string;

  constructor(codec: string) {
    super(
      'UNSUPPORTED_COMPRESSION',
      `compression codec ${codec} does not exist; there are none, gzip, snappy, lz4 and zstd`,
    );
    this.codec = codec;
  }
}
