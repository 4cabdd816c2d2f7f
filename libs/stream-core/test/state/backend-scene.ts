import type { StateBackend } from '../../src/runtime/storage/state-backend.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { StoreBuilder } from '../../src/state/store-builder.ts';
import { StoredTask, type Log } from './stored-task.ts';

/** A backend as the suites need it. */
export interface BackendUnderTest {
  readonly name: string;
  /** State survives the end of a task. */
  readonly isDurable: boolean;
  /** A backend on state of this test alone; the same state each time until `clean`. */
  open(): Promise<StateBackend>;
  clean(): Promise<void>;
}

/** A task on a backend, and the changelog of its store, which outlives both. */
export class BackendScene {
  backend: StateBackend;
  log: Log = [];
  readonly #under: BackendUnderTest;

  private constructor(under: BackendUnderTest, backend: StateBackend) {
    this.#under = under;
    this.backend = backend;
  }

  static async open(under: BackendUnderTest): Promise<BackendScene> {
    return new BackendScene(under, await under.open());
  }

  begin<S extends StateStore>(builder: StoreBuilder<S>, withTail = true): Promise<StoredTask<S>> {
    return StoredTask.begin(this.backend, builder, this.log, { withTail });
  }

  /** Ends the task and the process, and begins anew. */
  async restart<S extends StateStore>(task: StoredTask<S>, builder: StoreBuilder<S>, withTail = true) {
    await task.crash();
    await this.backend.close();
    this.backend = await this.#under.open();
    return this.begin(builder, withTail);
  }

  async close(): Promise<void> {
    await this.backend.close();
    await this.#under.clean();
  }
}
