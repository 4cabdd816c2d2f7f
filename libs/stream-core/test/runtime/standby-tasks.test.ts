import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ActiveTask } from '../../src/runtime/active-task.ts';
import { CURRENT } from '../../src/runtime/assignment/member-user-data.ts';
import { parseTaskId } from '../../src/runtime/assignment/task-id.ts';
import { StandbyTasks } from '../../src/runtime/standby-tasks.ts';
import { eventually, silent } from './runtime-fakes.ts';
import { Scene } from './task-manager-scene.ts';

const stateful = (): Scene => {
  const scene = new Scene();
  scene.withChangelog = true;
  return scene;
};

/** Waits until the instance runs all that it was given, restoring nothing. */
async function restored(scene: Scene): Promise<void> {
  await eventually(() => scene.restores.length > 0, 'the restore');
  for (const { done } of scene.restores.splice(0)) done();
  await eventually(() => scene.manager.all.every(({ state }) => state === 'RUNNING'), 'all tasks run');
}

/** A standby that is to be processed here before its beginning (the test's) has ended. */
async function promotedWhileItBegins() {
  const scene = stateful();
  scene.standbyAt = undefined;
  const beginning = Promise.withResolvers<ReadonlyMap<string, number>>();
  scene.onStandbyBegin = () => beginning.promise;
  await scene.assign([], ['0_0'], { standbys: ['0_0'] });
  await scene.assign(['0_0']);
  return { scene, beginning };
}

describe('standbys of an instance', () => {
  test('a standby follows its changelogs and processes nothing', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    await eventually(() => scene.log.includes('follow 0_0 from undefined'), 'the feed');
    expect(scene.takeLog()).toEqual(['RUNNING', 'follow 0_0 from undefined']);
    expect(scene.manager.all).toEqual([]);
    expect(scene.manager.owned().positions).toEqual(new Map([['0_0', 50]]));
  });

  test('a standby that becomes active reads only the tail, and is the same task', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    const standby = scene.fakes.get('0_0');
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.restores[0]?.what).toMatchObject([{ task: '0_0', startOffset: 50 }]);
    await restored(scene);
    expect(scene.fakes.get('0_0')).toBe(standby);
    expect(standby?.events).toEqual(['initialize at 7']);
    expect(scene.manager.owned().positions).toEqual(new Map([['0_0', CURRENT]]));
  });

  test('a standby that becomes active while it begins waits for that: two beginnings at once wiped each other’s state', async () => {
    const { scene, beginning } = await promotedWhileItBegins();
    await setImmediate();
    expect(scene.restores).toEqual([]);
    beginning.resolve(new Map([['counts', 40]]));
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.restores[0]?.what).toMatchObject([{ task: '0_0', startOffset: 40 }]);
    await restored(scene);
    expect(scene.log).not.toContain('follow 0_0 from 40');
  });

  test('a standby that becomes active while it begins, and fails to begin, begins anew', async () => {
    const { scene, beginning } = await promotedWhileItBegins();
    beginning.reject(new Error('the disk is full'));
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.restores[0]?.what).toMatchObject([{ task: '0_0', startOffset: undefined }]);
    await restored(scene);
    expect(scene.errors).toEqual([]);
  });

  test('a task that becomes a standby keeps its stores open and goes on from the end of what it wrote', async () => {
    const scene = stateful();
    await scene.assign(['0_0']);
    await restored(scene);
    scene.takeLog();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    expect(scene.takeLog()).toEqual(['commit 0_0', 'stop beats/0', 'follow 0_0 from 100', 'RUNNING', 'rejoin']);
    expect(scene.fakes.get('0_0')?.events).toEqual(['initialize at 7', 'recycle']);
  });

  test('a task whose last commit failed is closed: its state is not what the changelogs have', async () => {
    const scene = stateful();
    await scene.assign(['0_0']);
    await restored(scene);
    scene.onCommit = () => {
      scene.manager.get(parseTaskId('0_0'))!.commitOwed = true;
      return Promise.resolve();
    };
    const left = scene.fakes.get('0_0');
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    expect(left?.events).toEqual(['initialize at 7', 'close']);
    await eventually(() => scene.log.includes('follow 0_0 from undefined'), 'a new standby');
  });

  test('a task is closed when the group had a new generation before its changelogs’ ends were known: they may be its next owner’s', async () => {
    const scene = stateful();
    await scene.assign(['0_0']);
    await restored(scene);
    const left = scene.fakes.get('0_0');
    scene.confirmation = Promise.reject(new Error('ILLEGAL_GENERATION'));
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    expect(left?.events).toEqual(['initialize at 7', 'close']);
    await eventually(() => scene.log.includes('follow 0_0 from undefined'), 'a new standby');
  });

  test('a standby that nobody wants any more is closed', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    await scene.assign([], ['0_0']);
    expect(scene.fakes.get('0_0')?.events).toEqual(['close']);
    expect(scene.manager.owned().positions).toEqual(new Map());
  });

  test('the group is asked once for a rebalance when a warm-up nearly could be processed', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0', '0_1'], { standbys: ['0_0', '0_1'], warmups: ['0_1'] });
    scene.standbyLag = 6;
    scene.manager.onStandbyProgress();
    expect(scene.log).not.toContain('rejoin');
    scene.standbyLag = 5;
    scene.manager.onStandbyProgress();
    scene.manager.onStandbyProgress();
    expect(scene.log.filter((line) => line === 'rejoin')).toHaveLength(1);
  });

  test('a standby that is no warm-up asks for nothing', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    scene.standbyLag = 0;
    scene.manager.onStandbyProgress();
    expect(scene.log).not.toContain('rejoin');
  });

  test('a member that has nothing to give up looks out for the rebalance that follows', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { followUp: true });
    expect(scene.takeLog()).toContain('expect a rebalance');
  });

  test('standbys stay when the place in the group is lost', async () => {
    const scene = stateful();
    await scene.assign([], ['0_0'], { standbys: ['0_0'] });
    await scene.manager.onLost(new Error('session over'));
    expect(scene.fakes.get('0_0')?.events).toEqual([]);
    scene.manager.closeAll();
    expect(scene.fakes.get('0_0')?.events).toEqual(['close']);
  });

  test('an instance that is closed while it gives a task up keeps no standby of it', async () => {
    const scene = stateful();
    await scene.assign(['0_0']);
    await restored(scene);
    const commit = Promise.withResolvers<void>();
    scene.commitEnds = commit.promise;
    const assigned = scene.assign([], ['0_0'], { standbys: ['0_0'] });
    await eventually(() => scene.log.includes('commit 0_0'), 'the commit');
    scene.manager.closeAll();
    commit.resolve();
    await assigned;
    expect(scene.fakes.get('0_0')?.events.at(-1)).toBe('close');
    expect(scene.manager.owned().positions).toEqual(new Map());
  });

  test('what was stored here before the start is said to the group, so that tasks go where their state is', () => {
    const scene = stateful();
    scene.stored.set('0_3', 1_234);
    expect(scene.manager.owned().positions).toEqual(new Map([['0_3', 1_234]]));
  });

  test('a restoring task says how far it is', async () => {
    const scene = stateful();
    await scene.assign(['0_0']);
    await eventually(() => scene.restores.length === 1, 'the restore');
    expect(scene.manager.owned().positions).toEqual(new Map([['0_0', 33]]));
  });

  test('where state is shared a standby would take it from its owner: none is begun, and a task that leaves is closed', async () => {
    const scene = new Scene();
    const touched: string[] = [];
    const touch = (what: string): never => {
      touched.push(what);
      throw new Error(what);
    };
    const standbys = new StandbyTasks({
      isStateShared: true,
      begin: () => touch('begin'),
      createTask: () => touch('create'),
      feed: { follow: () => touch('follow'), unfollow: () => [], position: () => undefined, lag: () => undefined },
      inputsOf: () => [],
      codecs: { ready: () => Promise.resolve() },
      logger: silent,
    });
    await standbys.add(parseTaskId('0_0'));
    const leaving = new ActiveTask(parseTaskId('0_1'), scene.createTask(parseTaskId('0_1')), [], 'STANDBY');
    await standbys.adopt(leaving);
    expect([touched, standbys.all, leaving.state]).toEqual([[], [], 'CLOSED']);
    expect(scene.fakes.get('0_1')?.events).toEqual(['close']);
  });
});
