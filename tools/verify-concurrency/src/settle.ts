import { checkCounts } from './checks/check-counts.ts';
import { missingInLog } from './checks/check-account.ts';
import type { GatewayClient } from './clients/gateway-client.ts';
import type { AccountSeen, LogSeen, LookupSeen } from './history.ts';
import type { TopicReader } from './log/topic-reader.ts';

const SETTLE_MS = 60_000;
const SETTLE_POLL_MS = 100;
const LOOKUPS_AT_ONCE = 16;
/** What follows from the last records is in the log by then, and no clock is ahead of the time any more. */
const LAST_VERDICTS_MS = 1_000;

/** What is settled. */
export interface SettleParts {
  readonly client: GatewayClient;
  readonly reader: TopicReader;
  readonly skewMs: number;
  /** Of a tenant. */
  readonly operatorToken: (tenant: string) => string;
}

/** The log and the lookups, once the system has come back, has everything in the log and has counted it; as they are, when it does not within a minute. */
export async function settled(
  parts: SettleParts,
  accounts: readonly AccountSeen[],
): Promise<{ readonly log: LogSeen; readonly lookups: readonly LookupSeen[] }> {
  const { reader, skewMs } = parts;
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const log = await reader.seen();
    const lookups = await lookUp(parts, accounts);
    const isMissing = accounts.some((account) => missingInLog(account, log).length > 0);
    const isCounted = checkCounts(accounts, log, lookups).length === 0;
    if ((isCounted && !isMissing) || performance.now() > deadline) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(LAST_VERDICTS_MS, 2 * skewMs)));
      return { log: await reader.seen(), lookups };
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}

/** What is said of every session. */
async function lookUp(
  { client, operatorToken }: SettleParts,
  accounts: readonly AccountSeen[],
): Promise<readonly LookupSeen[]> {
  const sessions = accounts.flatMap(({ tenant, kind, sessions: all }) => all.map((seen) => ({ tenant, kind, seen })));
  const found: LookupSeen[] = [];
  const one = async (): Promise<void> => {
    for (let next = sessions.pop(); next !== undefined; next = sessions.pop()) {
      const { session, account } = next.seen;
      const token = operatorToken(next.tenant);
      const path = `/v1/playback-sessions/${session}?account=${account}`;
      const beats = await until(`the lookup of ${session}`, async () => {
        const { status, body } = await client.ask(found.length % client.gateways, { method: 'GET', path, token });
        // A session of which nothing came into the log is not known: its start was lost.
        if (status === 404) return 0;
        return status === 200 && body['stale'] !== true ? (body as { readonly beats: number }).beats : undefined;
      });
      // What back ends name has no beats, and a name may be another's too.
      if (next.kind !== 'named') found.push({ session, beats });
    }
  };
  await Promise.all(Array.from({ length: LOOKUPS_AT_ONCE }, one));
  return found;
}

/** Asks until there is an answer; rejects when there is none within a minute. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${what} was not answered within ${SETTLE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
  }
}
