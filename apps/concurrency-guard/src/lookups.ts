import { accountKey, sessionKey } from '@playhead/event-schemas';
import type { AccountRef, ConcurrencyGuard } from '@playhead/event-schemas';
import type { KafkaStreams, QueryOptions } from '@playhead/stream-core';
import { STORES } from './guard-processor.ts';
import { admissionDecision, sessionView, streamViews } from './session-view.ts';
import type { AccountState } from './stored-account.ts';
import type { SessionState } from './stored-session.ts';

/** The start that was asked about is in the log and was processed, but no decision came of it: it went to the dead letters. */
export class UndecidedStartError extends Error {
  readonly code = 'GUARD_UNDECIDED_START';

  constructor(session: string) {
    super(`the start of session ${session} was processed and left no decision`);
    this.name = 'UndecidedStartError';
  }
}

/** The guard's answers from its stores, wherever their owner is. `now` is the wall clock. */
export function createLookups(streams: Pick<KafkaStreams, 'query'>, now: () => number): ConcurrencyGuard {
  const read = async (request: AccountRef & { session: string }, options: QueryOptions) => {
    const { tenant, account, session } = request;
    const store = streams.query<string, SessionState>(STORES.sessions);
    const partitionKey = accountKey(tenant, account);
    return (await store.get(sessionKey(tenant, account, session), { ...options, partitionKey })).value;
  };
  return {
    async decide({ position, timeoutMs, ...request }) {
      const state = await read(request, { bound: position, acknowledged: true, timeoutMs });
      if (state?.start === undefined || state.start === null) {
        throw new UndecidedStartError(request.session);
      }
      return admissionDecision(state.start);
    },
    async session({ timeoutMs, ...request }) {
      const state = await read(request, { timeoutMs });
      return state === undefined ? undefined : sessionView(state, now());
    },
    async streams({ tenant, account, timeoutMs }) {
      const accounts = streams.query<string, AccountState>(STORES.accounts);
      const { value } = await accounts.get(accountKey(tenant, account), { timeoutMs });
      const sessions = value?.sessions ?? [];
      const states = await Promise.all(sessions.map((session) => read({ tenant, account, session }, { timeoutMs })));
      return streamViews(
        states.filter((state) => state !== undefined),
        now(),
      );
    },
    // Planned in decision 0006; refused until then.
    dryRun: notYet,
    explain: notYet,
    sessions: notYet,
    usage: notYet,
    history: notYet,
    find: notYet,
    policyApplied: notYet,
    policies: notYet,
    async entitlementApplied({ tenant, account, position, timeoutMs }) {
      const accounts = streams.query<string, AccountState>(STORES.accounts);
      await accounts.get(accountKey(tenant, account), { bound: position, acknowledged: true, timeoutMs });
    },
  };
}

const notYet = (): Promise<never> => Promise.reject(new Error('the guard does not answer this yet'));
