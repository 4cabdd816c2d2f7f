/**
 * The life of an application, as Kafka Streams has it (KafkaStreams.State):
 *
 *     CREATED ──start──▶ REBALANCING ◀──▶ RUNNING
 *        │                  │   │          │   │
 *        │      close       │   └─ error ──│───┴──▶ PENDING_ERROR ──▶ ERROR
 *        └──────────────────┴──▶ PENDING_SHUTDOWN ──▶ NOT_RUNNING
 *
 * REBALANCING also covers restoring: RUNNING means that every task of this instance processes.
 */
import { StreamsError } from '../errors.ts';

/** Where an application stands; the words of Kafka Streams. */
export type KafkaStreamsState =
  | 'CREATED'
  | 'REBALANCING'
  | 'RUNNING'
  | 'PENDING_SHUTDOWN'
  | 'NOT_RUNNING'
  | 'PENDING_ERROR'
  | 'ERROR';

/** Called after every change of state, synchronously and in order; what it throws is logged and changes nothing. */
export type StateListener = (newState: KafkaStreamsState, oldState: KafkaStreamsState) => void;

/** Every change of state that is possible. */
export const STATE_TRANSITIONS: Readonly<Record<KafkaStreamsState, readonly KafkaStreamsState[]>> = {
  CREATED: ['REBALANCING', 'PENDING_SHUTDOWN'],
  REBALANCING: ['RUNNING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  RUNNING: ['REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  PENDING_SHUTDOWN: ['NOT_RUNNING'],
  NOT_RUNNING: [],
  PENDING_ERROR: ['ERROR'],
  ERROR: [],
};

/** States that an application leaves for the end only: a change that comes too late is ignored there, not an error. */
const ENDING: ReadonlySet<KafkaStreamsState> = new Set(['PENDING_SHUTDOWN', 'NOT_RUNNING', 'PENDING_ERROR', 'ERROR']);

/** Holds the state, refuses impossible changes, tells the listeners. */
export class StateMachine {
  #current: KafkaStreamsState = 'CREATED';
  readonly #listeners = new Set<StateListener>();
  readonly #onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  get state(): KafkaStreamsState {
    return this.#current;
  }

  /** True while tasks may exist: REBALANCING or RUNNING. */
  get isRunningOrRebalancing(): boolean {
    return this.#current === 'RUNNING' || this.#current === 'REBALANCING';
  }

  /** True when nothing will ever change again. */
  get isTerminal(): boolean {
    return STATE_TRANSITIONS[this.#current].length === 0;
  }

  /** Adds a listener and returns the function that removes it. */
  onChange(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Goes to `next` and returns true. Returns false, changing nothing, when the state is `next` already or when the
   * application is ending (a rebalance may finish after close() was called). Throws `StreamsError`
   * (STREAMS_INVALID_STATE) for a change that no correct caller asks for.
   */
  to(next: KafkaStreamsState): boolean {
    const previous = this.#current;
    if (previous === next) return false;
    if (!STATE_TRANSITIONS[previous].includes(next)) {
      if (ENDING.has(previous)) return false;
      throw new StreamsError(
        'STREAMS_INVALID_STATE',
        `an application in state ${previous} cannot become ${next}; allowed: ${STATE_TRANSITIONS[previous].join(', ')}`,
      );
    }
    this.#current = next;
    for (const listener of this.#listeners) {
      try {
        listener(next, previous);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
    return true;
  }
}
