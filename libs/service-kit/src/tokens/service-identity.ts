import type { TicketSigner, TicketVerifier, TokenVerifier } from './ticket.ts';

/** Everything a service has to do with tokens. */
export interface ServiceIdentity {
  readonly tokens: TokenVerifier;
  readonly tickets: TicketVerifier & TicketSigner;
  /** A token of 60 s that another service's `/internal/v1` accepts; the claims (who asks) travel in it. */
  serviceToken(claims?: Readonly<Record<string, string>>): string;
  /** Present with the development key only: signs a JWT that this installation accepts. */
  readonly development: { signToken(claims: DevelopmentClaims): Promise<string> } | undefined;
}

/** What a development JWT says. */
export interface DevelopmentClaims {
  readonly tenant: string;
  readonly account?: string;
  readonly profile?: string;
  readonly device?: string;
  readonly roles: readonly string[];
  readonly subject?: string;
  /** Default 12 h. */
  readonly lifeMs?: number;
}
