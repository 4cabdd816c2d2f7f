import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories for one test file; `removeAll` belongs into its `afterAll`. */
export class TemporaryDirectories {
  readonly #paths: string[] = [];

  make(): string {
    const path = mkdtempSync(join(tmpdir(), 'playhead-test-'));
    this.#paths.push(path);
    return path;
  }

  removeAll(): void {
    for (const path of this.#paths) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
}
