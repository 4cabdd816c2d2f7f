/** A value of a CMCD line as it stands there: text of strings and tokens unquoted, numbers as they are, `true` for a bare key, the items of an inner list without their parameters. */
export type CmcdValue = string | number | boolean | readonly (string | number | boolean)[];

/** One report of CMCD's event mode, key by key, in the order of the line; a key given twice keeps its last value, as in RFC 8941. */
export type CmcdLine = ReadonlyMap<string, CmcdValue>;

/** Why a line could not be read; each is a label of a counter. */
export const CMCD_REFUSALS = ['no-key', 'unclosed-quote', 'unclosed-list', 'too-many-keys'] as const;

/** One of `CMCD_REFUSALS`. */
export type CmcdRefusal = (typeof CMCD_REFUSALS)[number];

const MAX_KEYS = 64;
const KEY = /^[A-Za-z*][A-Za-z0-9_.*-]{0,63}$/;
const NUMBER = /^-?\d{1,18}(?:\.\d+)?(?:[eE][+-]?\d{1,2})?$/;

/**
 * Reads one line of an `application/cmcd` body, more leniently than RFC 8941 asks: real players print decimals of any
 * length, plain numbers where CMCD v2 has lists, and spaces and empty members in between (a strict parser refuses
 * 609 of 768 recorded Bitmovin lines). Never throws: what is no list of keys at all is answered with the reason.
 */
export function readCmcdLine(line: string): CmcdLine | CmcdRefusal {
  const entries = new Map<string, CmcdValue>();
  let start = 0;
  while (start < line.length) {
    const end = endOfMember(line, start);
    if (typeof end === 'string') return end;
    const member = line.slice(start, end).trim();
    start = end + 1;
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = (equals === -1 ? withoutParameters(member) : member.slice(0, equals)).trim();
    if (!KEY.test(key)) return 'no-key';
    if (entries.size >= MAX_KEYS) return 'too-many-keys';
    entries.set(key, equals === -1 ? true : readValue(member.slice(equals + 1).trim()));
  }
  return entries.size === 0 ? 'no-key' : entries;
}

/** Position of the comma that ends the member at `start`: commas within quotes and parentheses belong to it. */
function endOfMember(line: string, start: number): number | CmcdRefusal {
  let depth = 0;
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 0x22 /* " */) {
      at = endOfQuote(line, at);
      if (at === -1) return 'unclosed-quote';
    } else if (code === 0x28 /* ( */) depth++;
    else if (code === 0x29 /* ) */) depth--;
    else if (code === 0x2c /* , */ && depth <= 0) return at;
  }
  return depth > 0 ? 'unclosed-list' : line.length;
}

function endOfQuote(line: string, open: number): number {
  for (let at = open + 1; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 0x5c /* \ */) at++;
    else if (code === 0x22) return at;
  }
  return -1;
}

function readValue(text: string): CmcdValue {
  return text.startsWith('(') ? itemsOf(text).map(readItem) : readItem(text);
}

/** The items of an inner list, up to its closing parenthesis: separated by spaces; quoted ones may hold either. */
function itemsOf(list: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let at = 1; at < list.length && list[at] !== ')'; at++) {
    if (list[at] === '"') {
      const close = endOfQuote(list, at);
      // Every step goes forward, whatever the list holds: a step back would never end.
      const end = close === -1 ? list.length - 1 : close;
      item += list.slice(at, end + 1);
      at = end;
    } else if (list[at] === ' ') {
      if (item !== '') items.push(item);
      item = '';
    } else item += list[at];
  }
  if (item !== '') items.push(item);
  return items;
}

function readItem(text: string): string | number | boolean {
  if (text.startsWith('"')) {
    const close = endOfQuote(text, 0);
    return text.slice(1, close === -1 ? undefined : close).replaceAll(/\\(.)/g, '$1');
  }
  const bare = withoutParameters(text).trim();
  if (NUMBER.test(bare)) return Number(bare);
  if (bare === '?1') return true;
  if (bare === '?0') return false;
  // A date of RFC 9651: @ and seconds.
  return bare.startsWith('@') && NUMBER.test(bare.slice(1)) ? Number(bare.slice(1)) * 1000 : bare;
}

function withoutParameters(text: string): string {
  const semicolon = text.indexOf(';');
  return semicolon === -1 ? text : text.slice(0, semicolon);
}
