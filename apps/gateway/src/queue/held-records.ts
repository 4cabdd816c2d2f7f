/** The two ways a held record can go. */
export interface HeldRecord {
  /** To Kafka, behind the last of the queue. */
  readonly follow: () => void;
  /** To the disk. */
  readonly store: () => void;
}

/** How much is held and for how long. */
export interface HeldRecordsOptions {
  readonly maxRecords: number;
  /** After it all go to the disk: Kafka does not take the last of the queue as it took those before. */
  readonly maxMs: number;
}

/**
 * Records that came while the last of the disk queue were delivered. While others go on coming to it the queue is hardly
 * ever empty; held for that moment they can follow its last record, in the order in which they came.
 */
export class HeldRecords {
  readonly #options: HeldRecordsOptions;
  /** Undefined: nothing is held at present. */
  #held: HeldRecord[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeldRecordsOptions) {
    this.#options = options;
  }

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  get count(): number {
    return this.#held?.length ?? 0;
  }

  /** What comes from now on is held. */
  begin(): void {
    if (this.#held !== undefined) return;
    this.#held = [];
    this.#timer = setTimeout(() => this.letGo('store'), this.#options.maxMs);
  }

  /** False: it is not held, because nothing is, or because with it too many would be; then all have gone to the disk. */
  add(record: HeldRecord): boolean {
    if (this.count === this.#options.maxRecords) this.letGo('store');
    this.#held?.push(record);
    return this.#held !== undefined;
  }

  /** Ends the holding: all that is held goes one way. */
  letGo(way: keyof HeldRecord): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    clearTimeout(this.#timer);
    for (const record of held) record[way]();
  }
}
