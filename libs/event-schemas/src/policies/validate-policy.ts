import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { schemaProblems } from '../json-schema/schema-problems.ts';
import type { SchemaProblem } from '../json-schema/schema-problems.ts';
import { POLICY_JSON_SCHEMA, STORED_POLICY_JSON_SCHEMA } from './policy-schema.ts';
import type { Policy } from './policy.ts';

/** A policy, or what is wrong with it. */
export type PolicyCheck =
  | { readonly policy: Policy; readonly problems?: undefined }
  | { readonly policy?: undefined; readonly problems: readonly SchemaProblem[] };

/** Most problems that are listed. */
const MAX_PROBLEMS = 20;

const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
const given = ajv.compile(POLICY_JSON_SCHEMA);
const stored = ajv.compile(STORED_POLICY_JSON_SCHEMA);

/** Checks a value from outside against the JSON Schema and for what a schema cannot say; lists up to 20 problems at once. */
export function validatePolicy(value: unknown): PolicyCheck {
  return check(value, given);
}

function check(value: unknown, schema: ValidateFunction): PolicyCheck {
  if (!schema(value)) {
    return { problems: schemaProblems(schema.errors ?? []).slice(0, MAX_PROBLEMS) };
  }
  const policy = value as Policy;
  const problems = contradictionsOf(policy).slice(0, MAX_PROBLEMS);
  return problems.length === 0 ? { policy } : { problems };
}

/** The policy of a document that was validated when it was written, whatever values its conditions name; undefined when it is none, as a later version may write. */
export function parsePolicy(document: string): Policy | undefined {
  try {
    return check(JSON.parse(document), stored).policy;
  } catch {
    return undefined;
  }
}

function contradictionsOf({ rules }: Policy): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const names = new Set<string>();
  for (const [index, { rule, count = 'streams', per = [], keepMs }] of rules.entries()) {
    const pointer = `/rules/${index}`;
    if (names.has(rule)) {
      problems.push({
        pointer: `${pointer}/rule`,
        code: 'duplicate',
        detail: `is ${JSON.stringify(rule)} a second time`,
      });
    }
    names.add(rule);
    if (keepMs !== undefined && count === 'streams') {
      problems.push({
        pointer: `${pointer}/keepMs`,
        code: 'not-allowed',
        detail: 'is for rules that count the values of an attribute; streams are counted while they live',
      });
    }
    if (count !== 'streams' && per.includes(count)) {
      const detail = `counts ${count} per ${count}, which is always 1`;
      problems.push({ pointer: `${pointer}/per`, code: 'not-allowed', detail });
    }
  }
  return problems;
}
