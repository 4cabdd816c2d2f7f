const NAMES =
  'sequence state positionMs sentAt type contentId kind title account session id sessions plan maxStreams policy rules rule max where terminationTokens failRule webhookUrl ad origin setting consent __proto__ constructor toString é'
    .split(' ')
    .concat('', 'a b');
const TEXTS = [
  '',
  'PLAYING',
  'LIVE',
  'film-1',
  'a@b.example',
  '\u0000',
  '\ud800',
  '../..',
  '${x}',
  'x'.repeat(5000),
  '😀',
];
const NUMBERS = [0, -1, 1, 1e308, -1e308, 2 ** 53, -(2 ** 53), 0.1, 4e15, 2 ** 31, Number.MIN_VALUE, 1e21];
const MAX_DEPTH = 4;
const DEEP = 20_000;

/** A body: JSON of any shape and of wrong values, JSON that is cut or has bytes changed, deep nesting, many items, bytes. */
export function hostileBody(random: () => number): Buffer {
  const kind = random();
  if (kind < 0.02) return Buffer.from('['.repeat(Math.floor(random() * DEEP)));
  if (kind < 0.04) return Buffer.from(`${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`);
  if (kind < 0.06) return Buffer.from(JSON.stringify(Array.from({ length: 150 }, () => value(random, 3))));
  if (kind < 0.1)
    return Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
  const text = Buffer.from(JSON.stringify(random() < 0.2 ? [value(random, 1), value(random, 1)] : object(random, 0)));
  if (kind < 0.2) return text.subarray(0, Math.floor(random() * text.length));
  if (kind < 0.3 && text.length > 0) text[Math.floor(random() * text.length)] = Math.floor(random() * 256);
  return text;
}

function value(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth >= MAX_DEPTH ? 4 : 6));
  switch (kind) {
    case 0:
      return pick(random, TEXTS);
    case 1:
      return pick(random, NUMBERS);
    case 2:
      return random() < 0.5;
    case 3:
      return null;
    case 4:
      return Array.from({ length: Math.floor(random() * 5) }, () => value(random, depth + 1));
    default:
      return object(random, depth + 1);
  }
}

function object(random: () => number, depth: number): object {
  const entries = Array.from({ length: Math.floor(random() * 8) }, () => [
    pick(random, NAMES),
    value(random, depth + 1),
  ]);
  return Object.fromEntries(entries) as object;
}

function pick<T>(random: () => number, all: readonly T[]): T {
  return all[Math.floor(random() * all.length)]!;
}
