import { hash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NAMESPACE_BYTES = 16;
/** Names whose UTF-8 surely fits are written here, so that an id allocates nothing but its text. */
const SCRATCH_BYTES = 1024;
const MAX_BYTES_PER_UNIT = 3;
/** First digit of the fourth group by the hash's digit there: the variant's two bits in front of its last two. */
const VARIANT_DIGITS = '89ab89ab89ab89ab';
const HEX_DIGITS = '0123456789abcdef';

/** The name-based UUID of RFC 9562 §5.5: SHA-1 of the namespace's 16 bytes and the name in UTF-8. */
export function uuidV5(namespace: string, name: string): string {
  return uuidsV5(namespace)(name);
}

/** `uuidV5` of many names in one namespace. Throws `TypeError` when that is no UUID. */
export function uuidsV5(namespace: string): (name: string) => string {
  if (!UUID.test(namespace)) {
    throw new TypeError(`namespace ${JSON.stringify(namespace)} is not a UUID`);
  }
  const scratch = Buffer.alloc(SCRATCH_BYTES);
  scratch.write(namespace.replaceAll('-', ''), 'hex');
  /** The scratch buffer's first bytes, by their number: at most one view for each of its lengths. */
  const prefixes: Buffer[] = [];
  return (name) => {
    const fits = name.length * MAX_BYTES_PER_UNIT <= SCRATCH_BYTES - NAMESPACE_BYTES;
    let input: Buffer;
    if (fits) {
      const length = NAMESPACE_BYTES + scratch.write(name, NAMESPACE_BYTES, 'utf8');
      input = prefixes[length] ??= scratch.subarray(0, length);
    } else input = Buffer.concat([scratch.subarray(0, NAMESPACE_BYTES), Buffer.from(name, 'utf8')]);
    const hex = hash('sha1', input, 'hex');
    const variant = VARIANT_DIGITS[HEX_DIGITS.indexOf(hex.charAt(16))];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}
