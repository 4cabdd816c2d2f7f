import { describe, expect, test } from '@jest/globals';
import { parseTaskId } from '../../src/runtime/assignment/task-id.ts';
import { FencedStorageError } from '../../src/runtime/storage/state-backend.ts';
import { eventually } from './runtime-fakes.ts';
import { Scene } from './task-manager-scene.ts';

/** Counts how often a task begins; the first `times` of them find that somebody else has claimed the state since. */
function fencedAtTheBeginning(scene: Scene, times: number): { readonly begun: () => number } {
  let begun = 0;
  scene.onBegin = () => (++begun <= times ? Promise.reject(new FencedStorageError('0_0')) : Promise.resolve());
  return { begun: () => begun };
}

/** A group that does not know this member any more; `asked` counts. */
function refusing(scene: Scene): { readonly asked: () => number } {
  let asked = 0;
  Object.defineProperty(scene, 'confirmation', {
    get: () => {
      asked++;
      return Promise.reject(new Error('UNKNOWN_MEMBER_ID'));
    },
  });
  return { asked: () => asked };
}

describe('a task whose state somebody else has claimed', () => {
  test('a task that was fenced while it came up ended the application: it begins anew when the group says that it is ours', async () => {
    const scene = new Scene();
    const { begun } = fencedAtTheBeginning(scene, 2);
    await scene.assign(['0_0', '0_1']);
    expect(scene.errors).toEqual([]);
    expect(begun()).toBe(4);
    expect(scene.takeLog().at(-1)).toBe('RUNNING');
  });

  test('a zombie that was fenced while it came up claims nothing: the task waits until the group says that it is lost', async () => {
    const scene = new Scene();
    scene.withChangelog = true;
    const { begun } = fencedAtTheBeginning(scene, Infinity);
    const { asked } = refusing(scene);
    await scene.assign(['0_0']);
    await eventually(() => asked() > 1, 'the group has refused the member twice');
    expect([begun(), scene.states()]).toEqual([1, { '0_0': 'RESTORING' }]);
    await scene.manager.onLost(new Error('session over'));
    expect([begun(), scene.states(), scene.errors]).toEqual([1, {}, []]);
  });

  test('the true owner was left fenced for good by a late zombie’s claim: it begins anew, once', async () => {
    const scene = new Scene();
    await scene.assign(['0_0', '0_1']);
    const fenced = scene.manager.get(parseTaskId('0_0'))!;
    const staying = scene.manager.get(parseTaskId('0_1'));
    scene.manager.reclaim(fenced, new FencedStorageError('0_0'));
    scene.manager.reclaim(fenced, new FencedStorageError('0_0'));
    await eventually(() => fenced.isClosed && scene.states()['0_0'] === 'RUNNING', 'the task runs again');
    expect([scene.counters.tasksCreated, scene.errors]).toEqual([3, []]);
    expect(scene.manager.get(parseTaskId('0_1'))).toBe(staying);
  });

  test('a fenced task that is given up meanwhile does not come back', async () => {
    const scene = new Scene();
    await scene.assign(['0_0']);
    const confirmation = Promise.withResolvers<void>();
    scene.confirmation = confirmation.promise;
    const fenced = scene.manager.get(parseTaskId('0_0'))!;
    scene.manager.reclaim(fenced, new FencedStorageError('0_0'));
    await scene.assign([], ['0_0']);
    confirmation.resolve();
    await confirmation.promise;
    expect([scene.states(), scene.counters.tasksCreated, scene.errors]).toEqual([{}, 1, []]);
  });
});
