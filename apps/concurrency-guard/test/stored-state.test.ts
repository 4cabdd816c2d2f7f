import { expect, test } from '@jest/globals';
import { renderTypes, sourcePieces } from '@playhead/event-schemas/testing';
import { readFileSync } from 'node:fs';
import { ACCOUNT_STATE_SCHEMA } from '../src/stored-account.ts';
import { SESSION_STATE_SCHEMA } from '../src/stored-session.ts';

test.each([
  ['stored-session', SESSION_STATE_SCHEMA],
  ['stored-account', ACCOUNT_STATE_SCHEMA],
])('the types of %s say what its schema says', (file, schema) => {
  const source = readFileSync(new URL(`../src/${file}.ts`, import.meta.url), 'utf8');
  const declared = new Set(sourcePieces(source));
  expect(sourcePieces(renderTypes(schema)).filter((piece) => !declared.has(piece))).toEqual([]);
});
