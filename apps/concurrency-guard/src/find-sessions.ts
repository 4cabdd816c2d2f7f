import { sessionKey } from '@playhead/event-schemas';
import type { FoundSession, FoundSessions, SessionFilter } from '@playhead/event-schemas';
import { foundSession } from './session-view.ts';
import type { StoreReader } from './store-reader.ts';

/** Sessions that one page looks at. */
const MAX_LOOKS = 1000;

/** What is looked for, and where. */
export interface Search {
  readonly tenant: string;
  readonly filter: SessionFilter;
  /** Key of the last session that was looked at. */
  readonly after?: string;
  readonly limit: number;
  readonly timeoutMs: number;
}

/** A page of the tenant's sessions that fit, in the order of their keys. A search without an account looks at 1,000 sessions a page. */
export async function findSessions(
  stores: Pick<StoreReader, 'range' | 'whole'>,
  search: Search,
  wallMs: number,
): Promise<FoundSessions> {
  const { tenant, filter, limit } = search;
  const { entries, truncated, ...stale } = await pageOf(stores, search);
  const found: FoundSession[] = [];
  let last: string | undefined;
  for (const { key, value } of entries) {
    if (found.length === limit) return { sessions: found, ...(last === undefined ? {} : { next: last }), ...stale };
    if (value.tenant !== tenant) continue;
    last = key;
    const session = { ...foundSession(value, wallMs), ...stale };
    if (fits(session, filter)) found.push(session);
  }
  return { sessions: found, ...(truncated && last !== undefined ? { next: last } : {}), ...stale };
}

async function pageOf(
  stores: Pick<StoreReader, 'range' | 'whole'>,
  { tenant, filter: { account }, after, timeoutMs }: Search,
): ReturnType<StoreReader['range']> {
  const first = `${tenant}/`;
  // Whatever a caller sends: never before the tenant's own first key.
  const from = after !== undefined && after > first ? `${after}\0` : first;
  // '0' follows '/': beyond every key of the tenant.
  if (account === undefined) return stores.range(from, `${tenant}0`, { limit: MAX_LOOKS, timeoutMs });
  const { value, ...stale } = await stores.whole({ tenant, account, timeoutMs });
  const entries = value.sessions
    .map((state) => ({ key: sessionKey(tenant, account, state.session), value: state }))
    .filter(({ key }) => key >= from)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return { entries, truncated: false, ...stale };
}

function fits(found: FoundSession, { account, session, device, content, state }: SessionFilter): boolean {
  return (
    (account === undefined || found.account === account) &&
    (session === undefined || found.sessionId === session) &&
    (device === undefined || found.device === device) &&
    (content === undefined || found.content === content) &&
    (state === undefined || found.state === state)
  );
}
