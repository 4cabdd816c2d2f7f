import { bearerToken, idProblem, isViewer, problem } from '@playhead/service-kit';
import type { Identity, Role, Ticket, TicketVerifier, TokenVerifier, ViewerIdentity } from '@playhead/service-kit';
import type { Call } from '../http/route.ts';

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Checks tokens and tickets. */
export interface Verifiers {
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier;
}

/** What of a call can carry a ticket. */
export type TicketPlaces = Pick<Call, 'headers' | 'query'>;

/** An account that a caller may see or change, and as what. */
export interface AccountAccess {
  readonly tenant: string;
  readonly account: string;
  readonly role: 'viewer' | 'operator' | 'service';
  /** The caller's own device and profile, where the token names them. */
  readonly device: string | null;
  readonly profile: string | null;
  /** Of the token, milliseconds UTC. */
  readonly expiresAt: number;
}

/** One who may start a stream. */
export type Starter =
  | { readonly viewer: ViewerIdentity; readonly service?: undefined }
  | { readonly service: Identity; readonly viewer?: undefined };

/** The ticket of the `Playback-Ticket` header or of `?ticket=`. Throws a 401 problem or `TokenError`. */
export function ticketOf(call: TicketPlaces, tickets: TicketVerifier): Ticket {
  const text = ticketText(call);
  if (text === undefined) {
    throw problem(401, 'ticket-missing', {
      detail: 'A ticket is needed: the Playback-Ticket header or ?ticket=; POST /v1/playback-sessions gives one.',
    });
  }
  return tickets.verify(text);
}

/** Whether the call carries a ticket at all. */
export function hasTicket(call: Call): boolean {
  return ticketText(call) !== undefined;
}

/** The identity of the bearer token. Rejects with a 401 problem or `TokenError`. */
async function identityOf(call: Call, tokens: TokenVerifier): Promise<Identity> {
  const text = bearerToken(call.headers.authorization);
  if (text === undefined) {
    throw problem(401, 'token-missing', {
      detail: 'A token is needed: the header Authorization: Bearer <JWT>.',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  return tokens.verify(text);
}

/** Who may start a stream: a back end, or a viewer complete with account, profile and device; else a 403 problem. */
export async function starterOf(call: Call, tokens: TokenVerifier): Promise<Starter> {
  const identity = await identityOf(call, tokens);
  if (identity.roles.includes('service')) return { service: identity };
  if (isViewer(identity)) return { viewer: identity };
  const missing = (['account', 'profile', 'device'] as const).filter((name) => identity[name] === undefined);
  const lacks =
    identity.roles.includes('viewer') && missing.length > 0 ? ` This one names no ${missing.join(', no ')}.` : '';
  throw problem(403, 'viewer-needed', {
    detail: `A token of role viewer that names account, profile and device is needed, or one of role service.${lacks}`,
  });
}

/** The identity, if it has one of the roles; else a 403 problem. */
export async function roleOf(call: Call, tokens: TokenVerifier, roles: readonly Role[]): Promise<Identity> {
  const identity = await identityOf(call, tokens);
  if (!roles.some((role) => identity.roles.includes(role))) {
    throw problem(403, 'role-needed', { detail: `A token of role ${EITHER.format(roles)} is needed.` });
  }
  return identity;
}

/**
 * The account that the bearer token gives access to: a viewer's own; for operators and services the one that is
 * asked for, within their tenant. A viewer who asks for another account gets 403, whether that exists or not.
 */
export async function accountOf(call: Call, tokens: TokenVerifier, asked: string | undefined): Promise<AccountAccess> {
  const identity = await roleOf(call, tokens, ['operator', 'service', 'viewer']);
  const { tenant, account, device = null, profile = null, expiresAt } = identity;
  const role = (['operator', 'service'] as const).find((candidate) => identity.roles.includes(candidate)) ?? 'viewer';
  const chosen = asked ?? account;
  const pointer = call.params['account'] === undefined ? '?account' : '{account}';
  if (role === 'viewer') {
    if (account === undefined) throw problem(403, 'viewer-needed', { detail: 'The token names no account.' });
    if (checkedAccount(chosen ?? '', pointer) !== account) {
      throw problem(403, 'other-account', { detail: 'A viewer sees the account of the token only.' });
    }
    return { tenant, account, role, device, profile, expiresAt };
  }
  if (chosen === undefined || chosen === '') {
    throw problem(400, 'account-missing', {
      detail: 'An operator or service says which account.',
      errors: [{ pointer, code: 'required', detail: 'is missing' }],
    });
  }
  return { tenant, account: checkedAccount(chosen, pointer), role, device, profile, expiresAt };
}

/** The account of the path, whoever asks, if a token could name it too; else a 400 problem. */
export const accountInPath = (call: Call): string => checkedAccount(call.params['account'] ?? '', '{account}');

/** The account, if a token could name it too; else a 400 problem at `pointer`: `{account}` in the path, `?account` in the query. */
function checkedAccount(account: string, pointer: '{account}' | '?account'): string {
  const wrong = idProblem(account);
  if (wrong === undefined) return account;
  throw problem(400, 'account-invalid', {
    detail: `The account ${wrong}.`,
    errors: [{ pointer, code: 'id', detail: wrong }],
  });
}

function ticketText(call: TicketPlaces): string | undefined {
  const header = call.headers['playback-ticket'];
  const text = (Array.isArray(header) ? header[0] : header) ?? call.query.get('ticket') ?? undefined;
  return text === '' ? undefined : text;
}
