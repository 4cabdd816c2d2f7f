import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';
import type { SchemaEntry } from './schema-entry.ts';

/** The registry's file, below the data directory. */
const SCHEMA_LOG_FILE = 'schemas.log';
/** At the start the log is written anew when it has this many times the entries it needs. */
const REWRITE_FACTOR = 2;
/** … and more entries than this. */
const REWRITE_MIN_ENTRIES = 1000;

/**
 * The registry's changes on disk, one line each: the CRC-32 of the JSON in 8 hex digits, a space, the JSON. A line is
 * on disk (fsync) when `append` returns. A start after a crash cuts off a last line that is torn; a damaged line with
 * good ones behind it is no tear, and the start fails rather than lose schemas.
 */
export class SchemaLog {
  readonly #path: string;
  #fd: number;
  #length: number;

  private constructor(path: string, fd: number, length: number) {
    this.#path = path;
    this.#fd = fd;
    this.#length = length;
  }

  /** Opens the log and gives what it holds. `cutBytes`: length of the torn tail that was cut off. Throws on damage within. */
  static open(folder: string): { log: SchemaLog; entries: readonly SchemaEntry[]; cutBytes: number } {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, SCHEMA_LOG_FILE);
    const bytes = readFileIfThere(path) ?? Buffer.alloc(0);
    const { entries, goodBytes } = readLines(bytes, path);
    const fd = openSync(path, 'a');
    if (goodBytes < bytes.length) {
      ftruncateSync(fd, goodBytes);
      fsyncSync(fd);
    }
    return { log: new SchemaLog(path, fd, goodBytes), entries, cutBytes: bytes.length - goodBytes };
  }

  /** Throws the file system's error, and then the log is as it was before. */
  append(entry: SchemaEntry): void {
    const line = Buffer.from(formatLine(entry));
    try {
      for (let written = 0; written < line.length;) {
        written += writeSync(this.#fd, line, written);
      }
      fsyncSync(this.#fd);
    } catch (error) {
      ftruncateSync(this.#fd, this.#length);
      throw error;
    }
    this.#length += line.length;
  }

  /** Replaces the log by fewer entries that mean the same, if that is worth while. */
  rewriteIfLong(entryCount: number, shortest: readonly SchemaEntry[]): void {
    if (entryCount <= REWRITE_MIN_ENTRIES || entryCount <= REWRITE_FACTOR * shortest.length) {
      return;
    }
    const content = shortest.map(formatLine).join('');
    writeFileAtomically(this.#path, content, { durable: true });
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a');
    this.#length = Buffer.byteLength(content);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function formatLine(entry: SchemaEntry): string {
  const json = JSON.stringify(entry);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function readLines(bytes: Buffer, path: string): { entries: SchemaEntry[]; goodBytes: number } {
  const entries: SchemaEntry[] = [];
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    const entry = end < 0 ? undefined : readLine(bytes.toString('utf8', start, end));
    if (entry === undefined) {
      if (end >= 0 && end + 1 < bytes.length) {
        throw new Error(
          `${path} is damaged in line ${entries.length + 1} (byte ${start}) with more lines behind it; restore it from a copy`,
        );
      }
      break;
    }
    entries.push(entry);
    start = end + 1;
  }
  return { entries, goodBytes: start };
}

function readLine(line: string): SchemaEntry | undefined {
  const json = line.slice(9);
  return line[8] === ' ' && crc32(json) === Number.parseInt(line.slice(0, 8), 16)
    ? (JSON.parse(json) as SchemaEntry)
    : undefined;
}
