import { describe, expect, test } from '@jest/globals';
import { StreamsError } from '../../src/errors.ts';
import { StateMachine, STATE_TRANSITIONS, type KafkaStreamsState } from '../../src/runtime/state-machine.ts';

/** A path from CREATED to each state. */
const PATHS: Record<KafkaStreamsState, readonly KafkaStreamsState[]> = {
  CREATED: [],
  REBALANCING: ['REBALANCING'],
  RUNNING: ['REBALANCING', 'RUNNING'],
  PENDING_SHUTDOWN: ['PENDING_SHUTDOWN'],
  NOT_RUNNING: ['PENDING_SHUTDOWN', 'NOT_RUNNING'],
  PENDING_ERROR: ['REBALANCING', 'PENDING_ERROR'],
  ERROR: ['REBALANCING', 'PENDING_ERROR', 'ERROR'],
};
const STATES = Object.keys(PATHS) as KafkaStreamsState[];

function machineIn(state: KafkaStreamsState): StateMachine {
  const machine = new StateMachine((error) => {
    throw error;
  });
  for (const step of PATHS[state]) machine.to(step);
  return machine;
}

/** What Kafka Streams does for each pair: change, ignore, or refuse. */
function expected(from: KafkaStreamsState, to: KafkaStreamsState): 'changes' | 'ignores' | 'refuses' {
  if (from === to) return 'ignores';
  if (STATE_TRANSITIONS[from].includes(to)) return 'changes';
  return ['PENDING_SHUTDOWN', 'NOT_RUNNING', 'PENDING_ERROR', 'ERROR'].includes(from) ? 'ignores' : 'refuses';
}

describe('the states of an application', () => {
  test.each(STATES.flatMap((from) => STATES.map((to) => [from, to, expected(from, to)] as const)))(
    '%s → %s: %s',
    (from, to, outcome) => {
      const machine = machineIn(from);
      if (outcome === 'refuses') {
        expect(() => machine.to(to)).toThrow(StreamsError);
        expect(() => machine.to(to)).toThrow(`${from} cannot become ${to}`);
      } else {
        expect(machine.to(to)).toBe(outcome === 'changes');
      }
      expect(machine.state).toBe(outcome === 'changes' ? to : from);
    },
  );

  test('tells every listener in order and stops telling one that was removed', () => {
    const machine = machineIn('CREATED');
    const seen: string[] = [];
    const remove = machine.onChange((now, before) => seen.push(`a ${before}>${now}`));
    machine.onChange((now, before) => seen.push(`b ${before}>${now}`));
    machine.to('REBALANCING');
    remove();
    machine.to('RUNNING');
    machine.to('RUNNING');
    expect(seen).toEqual(['a CREATED>REBALANCING', 'b CREATED>REBALANCING', 'b REBALANCING>RUNNING']);
  });

  test('a listener that throws is reported and the others still hear', () => {
    const errors: unknown[] = [];
    const machine = new StateMachine((error) => errors.push(error));
    const heard: KafkaStreamsState[] = [];
    machine.onChange(() => {
      throw new Error('broken listener');
    });
    machine.onChange((now) => heard.push(now));
    machine.to('REBALANCING');
    expect(errors).toEqual([new Error('broken listener')]);
    expect(heard).toEqual(['REBALANCING']);
  });

  test.each([
    ['CREATED', false, false],
    ['REBALANCING', true, false],
    ['RUNNING', true, false],
    ['PENDING_SHUTDOWN', false, false],
    ['NOT_RUNNING', false, true],
    ['PENDING_ERROR', false, false],
    ['ERROR', false, true],
  ] as const)('%s: running or rebalancing %s, terminal %s', (state, running, terminal) => {
    const machine = machineIn(state);
    expect([machine.isRunningOrRebalancing, machine.isTerminal]).toEqual([running, terminal]);
  });
});
