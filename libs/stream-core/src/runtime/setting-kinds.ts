import type { StreamsConfig } from './streams-config.ts';

/** The words that a setting may be. */
const WORDS = {
  processingGuarantee: ['at_least_once', 'exactly_once'],
  topologyChanges: ['refuse', 'accept'],
  offsetReset: ['earliest', 'latest'],
} as const satisfies Partial<Record<keyof StreamsConfig, readonly string[]>>;

/** What is wrong with settings that are one of some words, functions, or text by name: callers without types give others. */
export function kindProblems(config: StreamsConfig): string[] {
  const problems: string[] = [];
  for (const [name, words] of Object.entries(WORDS)) {
    const value: unknown = config[name as keyof typeof WORDS];
    if (value !== undefined && !(words as readonly unknown[]).includes(value))
      problems.push(`${name} is ${shown(value)}; allowed: ${words.join(', ')}`);
  }
  const { handlers, queryHeaders, clock, clientTags } = config;
  const handlersByName = Object.entries(isTable(handlers) ? handlers : {}).map(
    ([name, handler]) => [`handlers.${name}`, handler] as const,
  );
  if (handlers !== undefined && !isTable(handlers))
    problems.push(`handlers is ${shown(handlers)}; allowed: an object of functions`);
  for (const [name, value] of [['queryHeaders', queryHeaders], ['clock', clock], ...handlersByName] as const) {
    if (value !== undefined && typeof value !== 'function')
      problems.push(`${name} is ${shown(value)}; allowed: a function`);
  }
  if (clientTags !== undefined && !(isTable(clientTags) && Object.values(clientTags).every(isText)))
    problems.push(`clientTags is ${shown(clientTags)}; allowed: an object of text`);
  return problems;
}

/** A value as it would be written, so that "1" is no 1. */
export function shown(value: unknown): string {
  return typeof value === 'string' || isTable(value) ? JSON.stringify(value) : String(value);
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
