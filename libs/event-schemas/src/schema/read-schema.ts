import { readFileSync } from 'node:fs';

/** The text of a file under `avro/`. */
export function readSchema(file: string): string {
  return readFileSync(new URL(`../../avro/${file}`, import.meta.url), 'utf8');
}
