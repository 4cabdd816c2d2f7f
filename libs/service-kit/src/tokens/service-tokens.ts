import type { SecretKey } from './secret-keys.ts';
import { SERVICE_TOKEN_TYPE, SignedText } from './signed-text.ts';
import { TokenError } from './token-error.ts';

/** Claims about the one for whom a service asks: tenant, account, … */
export type ServiceClaims = Readonly<Record<string, string>>;

/** A verified service token. */
export interface ServiceCaller {
  readonly service: string;
  readonly claims: ServiceClaims;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How long a service token lives: 60 s. */
const SERVICE_TOKEN_LIFE_MS = 60_000;

/** A token without claims is used again for half of its life. */
const REUSED_MS = SERVICE_TOKEN_LIFE_MS / 2;
const MAX_SERVICE_TOKEN_LENGTH = 4096;

/** Signs and verifies the tokens with which services speak to each other. */
export class ServiceTokens {
  readonly #signed: SignedText;
  readonly #service: string;
  readonly #now: () => number;
  #plain: { readonly text: string; readonly issuedAt: number } | undefined;

  constructor(options: { readonly service: string; readonly keys: readonly SecretKey[]; readonly now?: () => number }) {
    this.#signed = new SignedText(SERVICE_TOKEN_TYPE, options.keys);
    this.#service = options.service;
    this.#now = options.now ?? Date.now;
  }

  /** A token of this service, good for 60 s (30 s at least when there are no claims). */
  sign(claims?: ServiceClaims): string {
    const now = this.#now();
    if (claims !== undefined) return this.#sign(claims, now);
    if (this.#plain === undefined || now - this.#plain.issuedAt > REUSED_MS || now < this.#plain.issuedAt) {
      this.#plain = { text: this.#sign({}, now), issuedAt: now };
    }
    return this.#plain.text;
  }

  /** Throws `TokenError` (`token-malformed`, `token-refused`, `token-expired`). */
  verify(text: string): ServiceCaller {
    if (text.length > MAX_SERVICE_TOKEN_LENGTH)
      throw new TokenError('token-malformed', 'the service token is too long');
    const payload = this.#signed.open(text);
    if (payload === undefined) throw new TokenError('token-refused', 'this is no service token of this installation');
    const { iss, exp, claims } = payload as { iss: string; exp: number; claims: ServiceClaims };
    if (exp * 1000 <= this.#now()) throw new TokenError('token-expired', 'the service token has expired');
    return { service: iss, claims, expiresAt: exp * 1000 };
  }

  #sign(claims: ServiceClaims, now: number): string {
    const exp = Math.floor((now + SERVICE_TOKEN_LIFE_MS) / 1000);
    return this.#signed.sign({ iss: this.#service, exp, claims });
  }
}
