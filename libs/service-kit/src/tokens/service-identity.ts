import { SignJWT } from 'jose';
import { ConfigError } from '../settings/load-settings.ts';
import type { SettingProblem } from '../settings/load-settings.ts';
import { developmentKeys } from './development-keys.ts';
import type { DevelopmentKeys } from './development-keys.ts';
import { DEFAULT_CLAIM_PATHS } from './issuers.ts';
import type { Issuer } from './issuers.ts';
import type { SecretKey } from './secret-keys.ts';
import { ServiceTokens } from './service-tokens.ts';
import { createTerminationTokens } from './termination-tokens.ts';
import type { TerminationTokens } from './termination-tokens.ts';
import { createTickets } from './tickets.ts';
import type { TicketSigner, TicketVerifier, TokenVerifier } from './ticket.ts';
import { createTokenVerifier } from './token-verifier.ts';

/** Everything a service has to do with tokens. */
export interface ServiceIdentity {
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier & TicketSigner;
  /** Under the ticket keys too: what a refused viewer may end. */
  readonly terminations: TerminationTokens;
  readonly serviceTokens: ServiceTokens;
  /** Signs JWTs that this installation accepts; present only while the development key is one of the issuers. */
  readonly development: DevelopmentIssuer | undefined;
}

/** Signs JWTs with the development key. */
export interface DevelopmentIssuer {
  signToken(claims: DevelopmentClaims): Promise<string>;
}

/** What a development JWT says. */
export interface DevelopmentClaims {
  readonly tenant: string;
  readonly account?: string;
  readonly profile?: string;
  readonly device?: string;
  readonly roles: readonly string[];
  readonly maxStreams?: number;
  /** Default: the account, else `development`. */
  readonly subject?: string;
  /** Default 12 h. */
  readonly lifeMs?: number;
}

/** The settings that decide whose tokens are accepted. */
export interface IdentitySettings {
  readonly PLAYHEAD_DATA_DIR: string;
  readonly KAFKA_BROKERS: readonly string[];
  readonly AUTH_ISSUERS: readonly Issuer[] | undefined;
  readonly TICKET_KEYS: readonly SecretKey[] | undefined;
  readonly SERVICE_TOKEN_KEYS: readonly SecretKey[] | undefined;
  readonly AUTH_MAX_CACHED_TOKENS: number;
}

/** The `iss` of development tokens. */
const DEVELOPMENT_ISSUER = 'playhead-development';
const DEVELOPMENT_AUDIENCE = 'playhead';
const DEVELOPMENT_LIFE_MS = 12 * 3_600_000;

/**
 * Opens verifiers and signers. What no key is given for uses the development keys of the data directory; beside brokers
 * on other machines that is refused with a `ConfigError`, because whoever holds that directory could sign for everybody.
 */
export function createServiceIdentity(service: string, settings: IdentitySettings): ServiceIdentity {
  const { AUTH_ISSUERS, TICKET_KEYS, SERVICE_TOKEN_KEYS } = settings;
  const missing = Object.entries({ AUTH_ISSUERS, TICKET_KEYS, SERVICE_TOKEN_KEYS }).filter(([, value]) => !value);
  const remote = settings.KAFKA_BROKERS.find((broker) => !isLoopback(broker));
  if (missing.length > 0 && remote !== undefined) {
    throw new ConfigError(missing.map(([name]) => developmentKeyRefused(name, remote)));
  }
  const keys = missing.length > 0 ? developmentKeys(settings.PLAYHEAD_DATA_DIR) : undefined;
  const maxCached = settings.AUTH_MAX_CACHED_TOKENS;
  return {
    tokens: createTokenVerifier({ issuers: AUTH_ISSUERS ?? [developmentIssuer(keys!)], maxCached }),
    tickets: createTickets({ keys: TICKET_KEYS ?? [keys!.ticketKey], maxCached }),
    terminations: createTerminationTokens(TICKET_KEYS ?? [keys!.ticketKey]),
    serviceTokens: new ServiceTokens({ service, keys: SERVICE_TOKEN_KEYS ?? [keys!.serviceTokenKey] }),
    development: AUTH_ISSUERS === undefined ? { signToken: (claims) => signToken(keys!, claims) } : undefined,
  };
}

/** Whether a `host:port` is on this machine. */
export function isLoopback(broker: string): boolean {
  const host = broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function developmentKeyRefused(name: string, broker: string): SettingProblem {
  return {
    name,
    message: `is required, because KAFKA_BROKERS names another machine (${broker}): no development key there`,
  };
}

function developmentIssuer(keys: DevelopmentKeys): Issuer {
  return {
    issuer: DEVELOPMENT_ISSUER,
    audience: DEVELOPMENT_AUDIENCE,
    jwks: { keys: [keys.publicJwk] },
    claims: DEFAULT_CLAIM_PATHS,
  };
}

function signToken(keys: DevelopmentKeys, claims: DevelopmentClaims): Promise<string> {
  const { tenant, account, profile, device, roles, maxStreams } = claims;
  const nowS = Math.floor(Date.now() / 1000);
  return new SignJWT({ tenant, account, profile, device, roles, maxStreams })
    .setProtectedHeader({ alg: 'ES256', kid: keys.publicJwk.kid ?? '', typ: 'JWT' })
    .setIssuer(DEVELOPMENT_ISSUER)
    .setAudience(DEVELOPMENT_AUDIENCE)
    .setSubject(claims.subject ?? account ?? 'development')
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + Math.floor((claims.lifeMs ?? DEVELOPMENT_LIFE_MS) / 1000))
    .sign(keys.privateKey);
}
