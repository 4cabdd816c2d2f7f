import { describe, expect, it } from '@jest/globals';
import type { Processor } from '@playhead/stream-core';
import { Topology } from '@playhead/stream-core';
import { makeTask, TEXT } from './task-fixture.ts';

const HOUR_MS = 3_600_000;

describe('wall-clock punctuators', () => {
  it('stood still for as long as the clock had gone back', () => {
    const called: string[] = [];
    const processor: Processor<string, string, never, never> = {
      init(context) {
        context.schedule(100, 'WALL_CLOCK_TIME', (nowMs) => void called.push(`often ${nowMs}`));
        context.schedule(250, 'WALL_CLOCK_TIME', (nowMs) => void called.push(`seldom ${nowMs}`));
      },
      process: () => undefined,
    };
    const topology = new Topology()
      .addSource({ name: 'in', topics: ['in'], ...TEXT })
      .addProcessor({ name: 'sweep', parents: ['in'], supplier: () => processor });
    const { task, clock } = makeTask(topology);
    const passTo = (nowMs: number) => {
      clock.nowMs = nowMs;
      task.punctuate();
      return called.splice(0);
    };
    clock.nowMs = 2 * HOUR_MS;
    task.initialize();
    expect(passTo(2 * HOUR_MS + 100)).toEqual([`often ${2 * HOUR_MS + 100}`]);
    expect(passTo(HOUR_MS)).toEqual([]);
    expect(passTo(HOUR_MS + 100)).toEqual([`often ${HOUR_MS + 100}`]);
    expect(passTo(HOUR_MS + 150)).toEqual([`seldom ${HOUR_MS + 150}`]);
  });
});
