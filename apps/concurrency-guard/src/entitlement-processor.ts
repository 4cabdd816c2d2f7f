import type { AccountEntitlement } from '@playhead/event-schemas';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { STORES } from './guard-processor.ts';
import type { AccountState } from './stored-account.ts';

/** Keeps what each account may watch: the latest entitlement in the log holds, null returns to the default plan. Streams that run go on. */
export class EntitlementProcessor implements Processor<string, AccountEntitlement | null> {
  #accounts!: KeyValueStore<string, AccountState>;

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#accounts = context.getStateStore(STORES.accounts);
  }

  process({ key, value, timestamp }: StreamRecord<string, AccountEntitlement | null>): void {
    const sessions = this.#accounts.get(key)?.sessions ?? [];
    const state = { plan: value?.plan ?? null, maxStreams: value?.maxStreams ?? null, sessions };
    const isEmpty = state.plan === null && state.maxStreams === null && sessions.length === 0;
    this.#accounts.put(key, isEmpty ? null : state, timestamp);
  }
}
