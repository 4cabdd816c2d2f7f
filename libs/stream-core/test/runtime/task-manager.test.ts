import { describe, expect, test } from '@jest/globals';
import { formatTaskId, parseTaskId } from '../../src/runtime/assignment/task-id.ts';
import { eventually } from './runtime-fakes.ts';
import { Scene } from './task-manager-scene.ts';

describe('tasks across rebalances', () => {
  test('an assigned task starts at its committed offset, with its metadata', async () => {
    const scene = new Scene();
    scene.committed = { offset: 42, metadata: 'time' };
    await scene.assign(['0_1']);
    expect(scene.fakes.get('0_1')?.events).toEqual(['initialize at 42']);
    expect(scene.takeLog()).toEqual(['fetch beats/1 from 42', 'RUNNING']);
  });

  test('without a committed offset it starts where the reset policy says', async () => {
    const scene = new Scene();
    await scene.assign(['0_1']);
    expect(scene.takeLog()).toEqual(['fetch beats/1 from 7', 'RUNNING']);
  });

  test('a task that stays is not touched by a rebalance', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    const staying = scene.manager.get(parseTaskId('0_0'));
    scene.takeLog();
    await scene.manager.onRevoked();
    expect(scene.takeLog()).toEqual(['REBALANCING', 'commit 0_0 0_1']);
    await scene.assign(['0_0', '0_1']);
    expect(scene.manager.get(parseTaskId('0_0'))).toBe(staying);
    expect(scene.takeLog()).toEqual(['RUNNING']);
    expect(scene.counters.tasksCreated).toBe(2);
  });

  test('a task that moves is committed, then closed, and then the group is told', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    await scene.manager.onRevoked();
    scene.takeLog();
    await scene.assign(['0_0']);
    expect(scene.takeLog()).toEqual(['commit 0_1', 'stop beats/1', 'RUNNING', 'rejoin']);
    expect(scene.fakes.get('0_1')?.events.at(-1)).toBe('close');
    expect(scene.manager.owned()).toMatchObject({ owned: [parseTaskId('0_0')], generation: 2 });
  });

  test('lost tasks are closed without a commit and claimed no more', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    scene.takeLog();
    await scene.manager.onLost(new Error('session over'));
    expect(scene.takeLog()).toEqual(['REBALANCING', 'stop beats/0', 'stop beats/1', 'abort']);
    expect(scene.manager.owned()).toEqual({ owned: [], generation: -1, positions: new Map() });
  });

  test('a task restores its changelog before it runs; the state is RUNNING when the last one does', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    expect(scene.states()).toEqual({ '0_0': 'RESTORING', '0_1': 'RESTORING' });
    expect(scene.restores[1]?.what).toMatchObject([
      { topic: 'app-counts-changelog', partition: 1, store: 'counts', task: '0_1', limitOffset: undefined },
    ]);
    scene.restores[0]?.what[0]?.take(Buffer.from('a'), Buffer.from('1'), 0, 0);
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    expect(scene.fakes.get('0_0')?.events).toEqual(['restore a=1', 'initialize at 7']);
    expect(scene.takeLog()).toEqual(['fetch beats/0 from 7']);
    scene.restores[1]?.done();
    await eventually(() => scene.log.includes('RUNNING'), 'all run');
  });

  test('a source topic that serves as changelog is restored up to the committed offset only', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    scene.sourceChangelog = true;
    scene.committed = { offset: 42 };
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.restores[0]?.what[0]?.limitOffset).toBe(42);
  });

  test('a task that is taken away while it restores ends quietly', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    await scene.manager.onLost(new Error('session over'));
    await scene.assign([]);
    expect(scene.errors).toEqual([]);
    expect(scene.fakes.get('0_0')?.events).toEqual(['close']);
  });

  test('a task that is given away while it restores does not run in the time of the last commit', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    const commit = Promise.withResolvers<void>();
    scene.commitEnds = commit.promise;
    const assigned = scene.assign([]);
    await eventually(() => scene.log.some((line) => line.startsWith('commit')), 'the commit');
    expect(scene.states()).toEqual({ '0_0': 'SUSPENDED' });
    commit.resolve();
    await assigned;
    expect(scene.fakes.get('0_1')?.events).toEqual(['close']);
    expect(scene.takeLog()).toContain('commit 0_0');
  });

  test('a transaction that fails does not bring back a task that was given away while it restored', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0', '0_1']);
    await eventually(() => scene.restores.length === 2, 'both restores');
    scene.restores[0]?.done();
    await eventually(() => scene.states()['0_0'] === 'RUNNING', 'the first one runs');
    scene.onCommit = () => scene.manager.takeBack(new Error('refused'));
    await scene.assign([]);
    expect([scene.states(), scene.counters.tasksCreated]).toEqual([{}, 2]);
  });

  test('a transaction that fails after the end is not taken back: it would begin another one', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    scene.manager.closeAll();
    scene.takeLog();
    await scene.manager.takeBack(new Error('refused'));
    expect([scene.takeLog(), scene.manager.all]).toEqual([[], []]);
  });

  test('a processor that cannot be made anew after a failed transaction ends the application: the rejection reached nobody', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    const failure = new Error('no processor');
    scene.onCreate = () => {
      throw failure;
    };
    await scene.manager.takeBack(new Error('refused'));
    expect(scene.errors).toEqual([failure]);
  });

  test('makes no task when the application was closed while an assignment waited for a commit', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    scene.takeLog();
    const commit = Promise.withResolvers<void>();
    scene.commitEnds = commit.promise;
    const assigned = scene.assign(['0_1']);
    await eventually(() => scene.log.includes('commit 0_0'), 'the commit');
    scene.manager.closeAll();
    commit.resolve();
    await assigned;
    expect([scene.manager.all, scene.counters.tasksCreated]).toEqual([[], 1]);
    expect(scene.takeLog()).toEqual(['commit 0_0', 'stop beats/0']);
  });

  test('a restore that fails ends the application', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    scene.fakes.get('0_0')!.initialize = () => {
      throw new Error('init failed');
    };
    scene.restores[0]?.done();
    await eventually(() => scene.errors.length === 1, 'the error');
    expect(scene.errors).toEqual([new Error('init failed')]);
  });

  test('a static member that comes back at another address tells the group', async () => {
    const scene = new Scene();
    await scene.assign(['0_0'], [], { address: 'http://predecessor' });
    expect(scene.takeLog()).toContain('rejoin');
    await scene.assign(['0_0']);
    expect(scene.takeLog()).not.toContain('rejoin');
  });

  test('every instance knows who owns what', async () => {
    const scene = new Scene();
    await scene.assign(['0_0'], ['0_1']);
    expect(
      scene.manager.instances.map(({ applicationServer, tasks }) => [applicationServer, tasks.map(formatTaskId)]),
    ).toEqual([
      ['http://other', ['0_1']],
      ['http://me', ['0_0']],
    ]);
  });
});
