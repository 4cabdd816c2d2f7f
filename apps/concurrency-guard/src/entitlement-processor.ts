import type { AccountEntitlement } from '@playhead/event-schemas';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { STORES } from './guard-processor.ts';
import { isEmptyAccount, isEntitled, NO_ACCOUNT } from './stored-account.ts';
import type { AccountState } from './stored-account.ts';

/** Keeps what each account may watch: the latest entitlement in the log holds, null returns to the default plan. Streams that run go on. */
export class EntitlementProcessor implements Processor<string, AccountEntitlement | null> {
  #accounts!: KeyValueStore<string, AccountState>;

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#accounts = context.getStateStore(STORES.accounts);
  }

  process({ key, value, timestamp }: StreamRecord<string, AccountEntitlement | null>): void {
    const known = this.#accounts.get(key) ?? NO_ACCOUNT;
    const state = { ...known, ...(value !== null && isEntitled(value) ? entitlementOf(value) : NO_ENTITLEMENT) };
    this.#accounts.put(key, isEmptyAccount(state, timestamp) ? null : state, timestamp);
  }
}

const NO_ENTITLEMENT = { plan: null, maxStreams: null, entitledAt: null, entitledBy: null } as const;

function entitlementOf({ plan, maxStreams, updatedAt, updatedBy }: AccountEntitlement): Partial<AccountState> {
  return { plan, maxStreams, entitledAt: updatedAt, entitledBy: updatedBy };
}
