/** No owner of the account answered in time. */
export class GuardUnavailableError extends Error {
  readonly code = 'guard-unavailable';

  constructor(question: string, options?: ErrorOptions) {
    super(`the concurrency guard did not answer (${question})`, options);
    this.name = 'GuardUnavailableError';
  }
}
