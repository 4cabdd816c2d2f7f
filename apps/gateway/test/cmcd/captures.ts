import { readdirSync, readFileSync } from 'node:fs';

const DIRECTORY = new URL('../fixtures/cmcd/', import.meta.url);

/** A post of a captured run, in the order of arrival. */
export interface CapturedPost {
  readonly tMs: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A captured run of a stock player; see the README of the fixtures. */
export interface Capture {
  /** Such as `dash-pause`. */
  readonly name: string;
  readonly posts: readonly CapturedPost[];
}

/** All captured runs. */
export const captures: readonly Capture[] = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.jsonl'))
  .sort()
  .map((file) => ({
    name: file.replace('.jsonl', ''),
    posts: readFileSync(new URL(file, DIRECTORY), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CapturedPost),
  }));

/** The lines of a run's bodies. */
export function linesOf({ posts }: Capture): string[] {
  return posts.flatMap(({ body = '' }) => body.split('\n')).filter((line) => line !== '');
}
