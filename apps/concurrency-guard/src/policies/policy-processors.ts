import { InvalidKeyError } from '@playhead/event-schemas';
import type { TenantPolicy, TenantSettings } from '@playhead/event-schemas';
import type { Processor, StreamRecord } from '@playhead/stream-core';
import type { PolicyBook } from './policy-book.ts';

/** Enters the records of `policies` into the book. A record under a key that is none is nobody's. */
export class PolicyProcessor implements Processor<string, TenantPolicy | null, never, never> {
  readonly #book: PolicyBook;

  constructor(book: PolicyBook) {
    this.#book = book;
  }

  process({ key, value }: StreamRecord<string, TenantPolicy | null>): void {
    try {
      this.#book.apply(key, value);
    } catch (error) {
      if (!(error instanceof InvalidKeyError)) throw error;
    }
  }
}

/** Enters the records of `tenants.settings` into the book. */
export class SettingsProcessor implements Processor<string, TenantSettings | null, never, never> {
  readonly #book: PolicyBook;

  constructor(book: PolicyBook) {
    this.#book = book;
  }

  process({ key, value }: StreamRecord<string, TenantSettings | null>): void {
    this.#book.applySettings(key, value);
  }
}
