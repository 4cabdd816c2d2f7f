/** A random topology with inputs that make a hundred records of it, all from one seed. */
import type { Topology } from '@playhead/stream-core';
import type { DriverFault, TopologyTestDriver } from '@playhead/stream-core/testing';
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import type { Shape, Step, ValueKind } from './random-steps.ts';
import { randomSteps } from './random-steps.ts';
import { buildTopology } from './random-topology.ts';
import type { Event, RunOptions } from './simulated-run.ts';
import { randomEvents, run } from './simulated-run.ts';

/** What is run, again and again. */
export interface Case {
  readonly seed: number;
  readonly shape: Shape;
  readonly steps: readonly Step[];
  readonly topology: Topology;
  readonly events: readonly Event[];
  readonly options: RunOptions;
  /** For what is done to it. */
  readonly random: SeededRandom;
}

/** The same case for the same seed. */
export function makeCase(seed: number, values: ValueKind, guarantee: RunOptions['guarantee']): Case {
  const random = new SeededRandom(seed);
  const partitions = 2 + random.below(2);
  const shape: Shape = { optimized: random.below(2) === 0, versioned: random.below(3) === 0 };
  const steps = randomSteps(seed, values, shape, random);
  const topology = buildTopology(steps, values, shape);
  const options: RunOptions = {
    partitions,
    guarantee,
    seed,
    commitInterval: { records: 1 + random.below(9) },
    cacheMaxBytes: random.below(2) * 1_000_000,
  };
  return { seed, shape, steps, topology, events: enoughEvents(topology, options, values), options, random };
}

/** Runs a case with these faults. */
export const runCase = ({ topology, events, options }: Case, faults?: readonly DriverFault[]): TopologyTestDriver =>
  run(topology, events, faults === undefined ? options : { ...options, faults });

/** Inputs that make 100 records to crash after, and not many more; where each makes many, the fewest. */
function enoughEvents(topology: Topology, options: RunOptions, values: ValueKind): readonly Event[] {
  const { seed = 0, partitions } = options;
  let enough: readonly Event[] = [];
  for (let inputs = 160; ; inputs = Math.floor(inputs * 0.9)) {
    const events = randomEvents(new SeededRandom(seed), values, partitions, inputs);
    const { processedRecords } = run(topology, events, options).metrics;
    if (processedRecords < 100) return enough;
    if (processedRecords < 130 || inputs === 0) return events;
    enough = events;
  }
}
