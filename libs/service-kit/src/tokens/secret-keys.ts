/** A symmetric key with the id by which a token names it. */
export interface SecretKey {
  readonly kid: string;
  readonly key: Buffer;
}

const MIN_KEY_BYTES = 32;
const MAX_KEYS = 16;

/** Reads `kid:base64url,kid:base64url`. Throws an Error that repeats no key. */
export function parseSecretKeys(text: string): readonly SecretKey[] {
  const keys = text.split(',').map((pair, index) => {
    const match = /^\s*([A-Za-z0-9_-]{1,16}):([A-Za-z0-9_-]+)\s*$/.exec(pair);
    if (match === null) throw new Error(`key ${index + 1} is not kid:base64url with a kid of 1 to 16 characters`);
    const key = Buffer.from(match[2]!, 'base64url');
    if (key.length < MIN_KEY_BYTES)
      throw new Error(`key ${index + 1} has ${key.length} bytes, fewer than ${MIN_KEY_BYTES}`);
    return { kid: match[1]!, key };
  });
  if (keys.length > MAX_KEYS) throw new Error(`${keys.length} keys, more than ${MAX_KEYS}`);
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error('a kid stands twice');
  return keys;
}
