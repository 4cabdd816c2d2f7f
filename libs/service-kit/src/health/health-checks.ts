/** The state of one named condition. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Why it does not hold; empty when it does. */
  readonly reason: string;
}

/** The named conditions under which a service is ready. A service without any is ready once it has started. */
export class HealthChecks {
  readonly #conditions = new Map<string, () => true | string>();
  #stopping = false;

  /** Adds a condition: `true`, or the reason why it does not hold. A name given again replaces the condition. */
  add(name: string, condition: () => true | string): void {
    this.#conditions.set(name, condition);
  }

  /** From now on not ready, for good. */
  stop(): void {
    this.#stopping = true;
  }

  /** Every condition, in the order they were added. A condition that throws does not hold. */
  list(): readonly HealthCheck[] {
    const checks = [...this.#conditions].map(([name, condition]) => evaluate(name, condition));
    return this.#stopping ? [{ name: 'running', ok: false, reason: 'stopping' }, ...checks] : checks;
  }

  /** Whether all hold. */
  get ready(): boolean {
    return this.list().every(({ ok }) => ok);
  }
}

function evaluate(name: string, condition: () => true | string): HealthCheck {
  try {
    const result = condition();
    return result === true ? { name, ok: true, reason: '' } : { name, ok: false, reason: result };
  } catch (error) {
    return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
