/** Why a token or ticket is refused; also the `code` of the problem document. */
export type TokenErrorCode =
  | 'token-malformed'
  | 'token-expired'
  | 'token-refused'
  | 'token-unverifiable'
  | 'ticket-malformed'
  | 'ticket-expired'
  | 'ticket-refused';

/** A token or ticket that is not accepted. The message never repeats it. */
export class TokenError extends Error {
  readonly code: TokenErrorCode;

  constructor(code: TokenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TokenError';
    this.code = code;
  }
}
