import { hash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NAMESPACE_BYTES = 16;
const HYPHEN = 0x2d;
const UUID_DIGITS = 32;
/** The digit 5, and where it stands in the text. */
const VERSION = 0x35;
const VERSION_PLACE = 14;
/** In the hash, and in the text. */
const VARIANT_DIGIT = 16;
const VARIANT_PLACE = 19;
/** Names whose UTF-8 surely fits are written here, so that an id allocates nothing but its text. */
const SCRATCH_BYTES = 1024;
const MAX_BYTES_PER_UNIT = 3;
const FIRST_NOT_ASCII = 0x80;
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
      const end = writeShort(scratch, NAMESPACE_BYTES, name);
      input = prefixes[end] ??= scratch.subarray(0, end);
    } else input = Buffer.concat([scratch.subarray(0, NAMESPACE_BYTES), Buffer.from(name, 'utf8')]);
    return textOf(hash('sha1', input, 'hex'));
  };
}

/** The hyphens stay where they are. */
const scratchText = Buffer.from('00000000-0000-0000-0000-000000000000', 'latin1');

/** The UUID of a hash in hexadecimal: one flat text, which is written sooner than one that is made of parts. */
function textOf(hex: string): string {
  let at = 0;
  for (let digit = 0; digit < UUID_DIGITS; digit++) {
    if (scratchText[at] === HYPHEN) at++;
    scratchText[at++] = hex.charCodeAt(digit);
  }
  scratchText[VERSION_PLACE] = VERSION;
  scratchText[VARIANT_PLACE] = VARIANT_DIGITS.charCodeAt(HEX_DIGITS.indexOf(hex.charAt(VARIANT_DIGIT)));
  return scratchText.toString('latin1');
}

/** Writes a text that fits as UTF-8 and gives the place behind it; as most are short and ASCII, without a call into the runtime. */
function writeShort(buffer: Buffer, start: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= FIRST_NOT_ASCII) return start + buffer.write(text, start, 'utf8');
    buffer[start + at] = unit;
  }
  return start + text.length;
}
