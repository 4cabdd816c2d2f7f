import assert from 'node:assert/strict';
import { OperationError } from '../drivers/client-driver.ts';
import type { RegistryDriver, RegistryOperationName } from './registry-driver.ts';

/** The columns of the registry's table. */
export const REGISTRY_CAPABILITIES = [
  'subjects, versions, ids',
  'bytes',
  'compatibility',
  'deleting',
  'refusals',
  'settings',
  'normalising',
] as const;

/** One test, run with every client that can. */
export interface RegistryCase {
  readonly capability: (typeof REGISTRY_CAPABILITIES)[number];
  readonly name: string;
  readonly needs: readonly RegistryOperationName[];
  /** `unique` makes names of subjects that no other run has. */
  run(driver: RegistryDriver, unique: (what: string) => string): Promise<void>;
}

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };

const record = (name: string, ...fields: readonly Field[]): string => JSON.stringify({ type: 'record', name, fields });
const a: Field = { name: 'a', type: 'int' };
const b: Field = { name: 'b', type: 'int' };
const bOptional: Field = { ...b, default: 0 };

/** The registry refused with this status and this code of its own, as far as the client hands them on. */
async function expectRefusal(call: Promise<unknown>, status: number, code: number, what: string): Promise<void> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => (error instanceof OperationError ? error.failure : Promise.reject(error as Error)),
  );
  assert.ok(failure, `${what}: expected ${status} ${code}, came no refusal`);
  assert.deepEqual([failure.status ?? status, failure.code ?? code], [status, code], `${what}: ${failure.message}`);
}

const sameSchemaSameId: RegistryCase = {
  capability: 'subjects, versions, ids',
  name: 'same-schema-same-id',
  needs: ['register', 'lookup', 'schemaById', 'latest', 'version'],
  async run(driver, unique) {
    const [one, two] = [unique('one'), unique('two')];
    const [first, second] = [
      record(`R${one.replaceAll('-', '_')}`, a),
      record(`R${one.replaceAll('-', '_')}`, a, bOptional),
    ];
    const id = await driver.call('register', { subject: one, schema: first });
    assert.equal(await driver.call('register', { subject: one, schema: first }), id, 'registered again');
    assert.equal(await driver.call('register', { subject: two, schema: first }), id, 'in another subject');
    const next = await driver.call('register', { subject: one, schema: second });
    assert.notEqual(next, id, 'another schema');
    assert.equal((await driver.call('lookup', { subject: one, schema: first })).id, id, 'looked up');
    assert.equal((await driver.call('latest', { subject: one })).id, next, 'the latest');
    assert.equal((await driver.call('version', { subject: one, version: 1 })).id, id, 'version 1');
    const text = await driver.call('schemaById', { schemaId: id });
    assert.equal((JSON.parse(text) as { fields: Field[] }).fields.length, 1, `by id: ${text}`);
  },
};

const listsSubjectsVersionsAndUses: RegistryCase = {
  capability: 'subjects, versions, ids',
  name: 'lists-subjects-versions-and-uses',
  needs: ['versions', 'subjects', 'uses'],
  async run(driver, unique) {
    await sameSchemaSameId.run(driver, unique);
    const [one, two] = [unique('one'), unique('two')];
    assert.deepEqual(await driver.call('versions', { subject: one }), [1, 2]);
    const subjects = await driver.call('subjects', {});
    assert.deepEqual([subjects.includes(one), subjects.includes(two)], [true, true], 'both subjects');
    const { id } = await driver.call('version', { subject: one, version: 1 });
    const uses = await driver.call('uses', { schemaId: id });
    assert.deepEqual(uses.map(([subject]) => subject).sort(), [one, two].sort(), 'where the schema is used');
  },
};

const bytesCarryTheId: RegistryCase = {
  capability: 'bytes',
  name: 'bytes-carry-the-id',
  needs: ['encode', 'decode', 'register'],
  async run(driver, unique) {
    const subject = unique('bytes');
    const schema = record('Bytes', a, { name: 'text', type: ['null', 'string'], default: null });
    const value = { a: 42, text: 'über' };
    const bytes = await driver.call('encode', { subject, schema, value });
    const id = await driver.call('register', { subject, schema });
    assert.deepEqual([bytes[0], Buffer.from(bytes).readInt32BE(1)], [0, id], 'the first five bytes');
    assert.deepEqual(await driver.call('decode', { bytes_: bytes }), value);
  },
};

const LEVELS = ['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE'];

/** Two versions, a candidate, and the levels that allow it. */
const EVOLUTIONS: readonly (readonly [string, readonly string[], string])[] = [
  [record('E', a), [record('E', a), record('E', a, bOptional)], LEVELS.join(' ')],
  [
    record('E', a, b),
    [record('E', a, b), record('E', a, bOptional)],
    'NONE BACKWARD BACKWARD_TRANSITIVE FORWARD FORWARD_TRANSITIVE FULL FULL_TRANSITIVE',
  ],
  [record('E', a, b), [record('E', a), record('E', a, bOptional)], 'NONE BACKWARD FORWARD FORWARD_TRANSITIVE FULL'],
  [record('E', a), [record('E', a, b), record('E', a, bOptional)], 'NONE BACKWARD BACKWARD_TRANSITIVE FORWARD FULL'],
  [record('E', { name: 'a', type: 'string' }), [record('E', a), record('E', a, bOptional)], 'NONE'],
];

const allSevenLevels: RegistryCase = {
  capability: 'compatibility',
  name: 'all-seven-levels',
  needs: ['setCompatibility', 'isCompatibleWithAll'],
  async run(driver, unique) {
    for (const [index, [candidate, versions, allowed]] of EVOLUTIONS.entries()) {
      const subject = unique(`evolution-${index}`);
      await driver.call('setCompatibility', { subject, level: 'NONE' });
      for (const schema of versions) await driver.call('register', { subject, schema });
      const found: string[] = [];
      for (const level of LEVELS) {
        await driver.call('setCompatibility', { subject, level });
        if (await driver.call('isCompatibleWithAll', { subject, schema: candidate })) found.push(level);
      }
      assert.equal(found.join(' '), allowed, `levels that allow ${candidate} after ${versions.join(', ')}`);
    }
  },
};

const refusesWhatCannotBeRead: RegistryCase = {
  capability: 'compatibility',
  name: 'refuses-what-cannot-be-read',
  needs: ['register'],
  async run(driver, unique) {
    const subject = unique('incompatible');
    await driver.call('register', { subject, schema: record('I', a) });
    await driver.call('register', { subject, schema: record('I', a, bOptional) });
    await expectRefusal(
      driver.call('register', { subject, schema: record('I', a, { ...b, name: 'c' }) }),
      409,
      409,
      'a field without default',
    );
  },
};

const softThenHard: RegistryCase = {
  capability: 'deleting',
  name: 'soft-then-hard',
  needs: ['deleteVersion', 'deleteSubject'],
  async run(driver, unique) {
    const subject = unique('deleted');
    const [first, second] = [record('D', a), record('D', a, bOptional)];
    const id = await driver.call('register', { subject, schema: first });
    await driver.call('register', { subject, schema: second });
    await expectRefusal(
      driver.call('deleteVersion', { subject, version: 3 }),
      404,
      40402,
      'a version that is not there',
    );
    assert.equal(await driver.call('deleteVersion', { subject, version: 1 }), 1);
    assert.deepEqual(await driver.call('versions', { subject }), [2]);
    assert.deepEqual(
      JSON.parse(await driver.call('schemaById', { schemaId: id })),
      JSON.parse(first),
      'still there by id',
    );
    await expectRefusal(driver.call('version', { subject, version: 1 }), 404, 40402, 'a deleted version');
    assert.deepEqual(await driver.call('deleteSubject', { subject }), [2]);
    await expectRefusal(driver.call('versions', { subject }), 404, 40401, 'a deleted subject');
    assert.ok((await driver.call('subjects', { deleted: true })).includes(subject), 'among the deleted ones');
    const again = await driver.call('register', { subject, schema: first });
    assert.equal(again, id, 'the same schema after its deletion');
    assert.deepEqual(await driver.call('versions', { subject }), [3], 'a version of its own');
    await driver.call('deleteSubject', { subject });
    assert.deepEqual(await driver.call('deleteSubject', { subject, permanent: true }), [1, 2, 3]);
    assert.ok(!(await driver.call('subjects', { deleted: true })).includes(subject), 'gone');
  },
};

const codesThatClientsMatchOn: RegistryCase = {
  capability: 'refusals',
  name: 'codes-that-clients-match-on',
  needs: ['register', 'lookup', 'latest', 'schemaById', 'version'],
  async run(driver, unique) {
    const subject = unique('refused');
    const schema = record('C', a);
    await expectRefusal(driver.call('latest', { subject }), 404, 40401, 'no such subject');
    await expectRefusal(driver.call('lookup', { subject, schema }), 404, 40401, 'a look-up in no subject');
    await driver.call('register', { subject, schema });
    await expectRefusal(driver.call('version', { subject, version: 7 }), 404, 40402, 'no such version');
    await expectRefusal(driver.call('lookup', { subject, schema: record('Other', a) }), 404, 40403, 'no such schema');
    await expectRefusal(driver.call('schemaById', { schemaId: 999_999_999 }), 404, 40403, 'no such id');
    await expectRefusal(driver.call('register', { subject, schema: record('C', b) }), 409, 409, 'not compatible');
  },
};

const codesOfSettingsToo: RegistryCase = {
  capability: 'refusals',
  name: 'codes-of-settings-too',
  needs: ['setCompatibility', 'setMode', 'compatibility'],
  async run(driver, unique) {
    await codesThatClientsMatchOn.run(driver, unique);
    const subject = unique('refused');
    await expectRefusal(driver.call('register', { subject, schema: '{"type": "nonsense"}' }), 422, 42201, 'no Avro');
    await expectRefusal(driver.call('setCompatibility', { subject, level: 'SIDEWAYS' }), 422, 42203, 'no such level');
    await expectRefusal(driver.call('setMode', { subject, mode: 'SLEEPING' }), 422, 42204, 'no such mode');
    await expectRefusal(driver.call('compatibility', { subject }), 404, 40408, 'no level of its own');
    await expectRefusal(driver.call('mode', { subject }), 404, 40409, 'no mode of its own');
    await expectRefusal(driver.call('version', { subject, version: 0 }), 422, 42202, 'no version number');
    await expectRefusal(driver.call('deleteSubject', { subject, permanent: true }), 404, 40405, 'not deleted before');
  },
};

const levelsAndModesOfSubjects: RegistryCase = {
  capability: 'settings',
  name: 'levels-and-modes-of-subjects',
  needs: ['setCompatibility', 'compatibility', 'deleteConfig', 'setMode', 'mode'],
  async run(driver, unique) {
    const subject = unique('settings');
    assert.equal(await driver.call('compatibility', {}), 'BACKWARD', 'of all subjects');
    await driver.call('setCompatibility', { subject, level: 'FULL_TRANSITIVE' });
    assert.equal(await driver.call('compatibility', { subject }), 'FULL_TRANSITIVE');
    await driver.call('deleteConfig', { subject });
    await expectRefusal(driver.call('compatibility', { subject }), 404, 40408, 'after its deletion');
    await driver.call('setMode', { subject, mode: 'READONLY' });
    assert.equal(await driver.call('mode', { subject }), 'READONLY');
    await expectRefusal(
      driver.call('register', { subject, schema: record('S', a) }),
      422,
      42205,
      'a read-only subject',
    );
    await driver.call('setMode', { subject, mode: 'READWRITE' });
    assert.ok((await driver.call('register', { subject, schema: record('S', a) })) > 0);
  },
};

const formsOfOneSchema: RegistryCase = {
  capability: 'normalising',
  name: 'forms-of-one-schema',
  needs: ['register', 'lookup', 'versions'],
  async run(driver, unique) {
    const subject = unique('forms');
    const plain = '{"type":"record","name":"N","namespace":"x","fields":[{"name":"a","type":"int"}]}';
    const other = '{ "name": "x.N", "fields": [{"type": {"type": "int"}, "name": "a"}], "type": "record" }';
    const id = await driver.call('register', { subject, schema: plain, normalize: true });
    assert.equal(await driver.call('register', { subject, schema: other, normalize: true }), id);
    assert.deepEqual(await driver.call('lookup', { subject, schema: other, normalize: true }), { id, version: 1 });
    assert.deepEqual(await driver.call('versions', { subject }), [1]);
  },
};

/** Every case. Of a capability a client runs the first whose needs it meets. */
export const REGISTRY_CASES: readonly RegistryCase[] = [
  listsSubjectsVersionsAndUses,
  sameSchemaSameId,
  bytesCarryTheId,
  allSevenLevels,
  refusesWhatCannotBeRead,
  softThenHard,
  codesOfSettingsToo,
  codesThatClientsMatchOn,
  levelsAndModesOfSubjects,
  formsOfOneSchema,
];
