import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SecretKey } from './secret-keys.ts';

/** The `typ` of each kind of text that Playhead signs itself. */
export const TICKET_TYPE = 'ticket';
export const SERVICE_TOKEN_TYPE = 'service';
export const TERMINATION_TYPE = 'termination';

/**
 * Signs and opens compact JWS texts (RFC 7515) with HMAC-SHA-256, synchronously.
 * Only headers that this class writes itself are read, so there is no `alg` to be confused about, and the `typ` in them
 * keeps one kind of text from being taken for another.
 */
export class SignedText {
  readonly #keysByHeader: ReadonlyMap<string, KeyObject>;
  readonly #header: string;
  readonly #key: KeyObject;

  /** The first key signs; all open. */
  constructor(typ: string, keys: readonly SecretKey[]) {
    const [first] = keys;
    if (first === undefined) throw new TypeError(`no key for ${typ}`);
    // A key object is made once: an HMAC that is given bytes makes one each time, which takes six times as long as the rest.
    this.#keysByHeader = new Map(keys.map(({ kid, key }) => [headerOf(typ, kid), createSecretKey(key)]));
    this.#header = headerOf(typ, first.kid);
    this.#key = this.#keysByHeader.get(this.#header)!;
  }

  sign(payload: object): string {
    const content = `${this.#header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
    return `${content}.${signature(content, this.#key)}`;
  }

  /**
   * The payload of a text that was signed with one of the keys. Undefined for any other, also for one whose signature is
   * right but written differently: a text has one form.
   */
  open(text: string): Readonly<Record<string, unknown>> | undefined {
    const headerEnd = text.indexOf('.');
    const contentEnd = text.indexOf('.', headerEnd + 1);
    const key = headerEnd < 0 || contentEnd < 0 ? undefined : this.#keysByHeader.get(text.slice(0, headerEnd));
    if (key === undefined) return undefined;
    const expected = Buffer.from(signature(text.slice(0, contentEnd), key));
    const given = Buffer.from(text.slice(contentEnd + 1));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const payload = Buffer.from(text.slice(headerEnd + 1, contentEnd), 'base64url').toString();
    return JSON.parse(payload) as Readonly<Record<string, unknown>>;
  }
}

const headerOf = (typ: string, kid: string): string =>
  Buffer.from(JSON.stringify({ alg: 'HS256', typ, kid })).toString('base64url');

const signature = (content: string, key: KeyObject): string =>
  createHmac('sha256', key).update(content).digest('base64url');
