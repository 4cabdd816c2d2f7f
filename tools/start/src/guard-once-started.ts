import type { ConcurrencyGuard } from '@playhead/event-schemas';

/**
 * The guard of this process, for a gateway that is there before it: until `started` gives it, every question is refused at
 * once. The gateway then answers starts by the tenant's fail rule, and lookups with 503.
 */
export class GuardOnceStarted implements ConcurrencyGuard {
  readonly #started: () => ConcurrencyGuard | undefined;

  constructor(started: () => ConcurrencyGuard | undefined) {
    this.#started = started;
  }

  decide: ConcurrencyGuard['decide'] = async (request) => this.#guard.decide(request);
  dryRun: ConcurrencyGuard['dryRun'] = async (request) => this.#guard.dryRun(request);
  explain: ConcurrencyGuard['explain'] = async (request) => this.#guard.explain(request);
  session: ConcurrencyGuard['session'] = async (request) => this.#guard.session(request);
  sessions: ConcurrencyGuard['sessions'] = async (request) => this.#guard.sessions(request);
  streams: ConcurrencyGuard['streams'] = async (request) => this.#guard.streams(request);
  usage: ConcurrencyGuard['usage'] = async (request) => this.#guard.usage(request);
  history: ConcurrencyGuard['history'] = async (request) => this.#guard.history(request);
  find: ConcurrencyGuard['find'] = async (request) => this.#guard.find(request);
  policies: ConcurrencyGuard['policies'] = async (request) => this.#guard.policies(request);
  policyApplied: ConcurrencyGuard['policyApplied'] = async (request) => this.#guard.policyApplied(request);
  entitlement: ConcurrencyGuard['entitlement'] = async (request) => this.#guard.entitlement(request);
  entitlementApplied: ConcurrencyGuard['entitlementApplied'] = async (request) =>
    this.#guard.entitlementApplied(request);

  get #guard(): ConcurrencyGuard {
    const guard = this.#started();
    if (guard === undefined) throw new Error('the guard has not started: it waits for Kafka');
    return guard;
  }
}
