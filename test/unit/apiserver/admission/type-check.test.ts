/** Expressions of policies held against the kinds that they name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidatingSpec } from '../../../../src/apiserver/admission/policy/decide.ts';
import { typeWarnings } from '../../../../src/apiserver/admission/policy/type-check.ts';
import { DefinedSchemas } from '../../../../src/api/schema.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };
const SCHEMAS = new DefinedSchemas(
  {
    Deployment: { type: 'object', properties: { spec: { $ref: 'Spec' }, metadata: { type: 'object' } } },
    // Refers to itself, as schemas of definitions do.
    Spec: { type: 'object', properties: { replicas: { type: 'integer' }, inner: { $ref: 'Spec' } } },
  },
  new Map([['apps/v1/Deployment', 'Deployment']]),
);

function warnings(spec: ValidatingSpec, resources: readonly string[] = ['deployments']): string[] {
  const rules = [{ apiGroups: ['apps'], apiVersions: ['v1'], resources, operations: ['*'] }];
  const kindOf = (group: string, _version: string, plural: string) =>
    group === 'apps' && plural === 'deployments' ? DEPLOYMENT : undefined;
  const found = typeWarnings({ ...spec, matchConstraints: { resourceRules: rules } }, kindOf, SCHEMAS);
  return found.map(({ fieldRef, warning }) => `${fieldRef}: ${warning}`);
}

test('what fits gives no warning, however deep it looks', () => {
  const deep = `object.spec${'.inner'.repeat(20)} != null`;
  const validations = [{ expression: 'object.spec.replicas > 1' }, { expression: deep }];
  assert.deepEqual(warnings({ validations }), []);
});

test('a field that the kind does not have is told with kind and place', () => {
  const validations = [{ expression: 'true', messageExpression: 'object.nope' }, { expression: 'object.replicas > 1' }];
  assert.deepEqual(warnings({ validations }), [
    "spec.validations[0].messageExpression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'nope'\n | object.nope\n | ......^\n",
    "spec.validations[1].expression: apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
  ]);
});

test('variables carry their types on', () => {
  const variables = [{ name: 'n', expression: 'object.spec.replicas' }];
  const validations = [{ expression: "variables.n.startsWith('x')" }];
  assert.match(
    warnings({ variables, validations })[0] ?? '',
    /undeclared reference|no matching overload for 'startsWith' applied to 'int.\(string\)'/,
  );
});

test('a rule for all resources names no kind', () => {
  assert.deepEqual(warnings({ validations: [{ expression: 'object.replicas > 1' }] }, ['*']), []);
});
