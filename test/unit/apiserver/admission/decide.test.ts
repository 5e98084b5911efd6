/** What a validating policy says of a request: denials, annotations for the audit log, what is shared and what is evaluated once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';
import { decide, type Decision, type ValidatingSpec } from '../../../../src/apiserver/admission/policy/decide.ts';
import { PolicyIndex } from '../../../../src/apiserver/admission/policy/policy-index.ts';
import { RequestVariables } from '../../../../src/apiserver/admission/policy/request-variables.ts';

const REQUEST: AdmissionRequest = {
  operation: 'CREATE',
  resource: {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    singular: 'configmap',
    namespaced: true,
  },
  subresource: '',
  namespace: 'shop',
  name: 'a',
  object: { metadata: { name: 'a' }, data: { x: '1' } },
  oldObject: undefined,
  options: {},
  caller: { name: 'ann', groups: [] },
  dryRun: false,
  warn: () => undefined,
};

function decided(spec: ValidatingSpec): Decision {
  const index = new PolicyIndex<ValidatingSpec>();
  index.setPolicy('p', { metadata: { name: 'p' }, spec });
  index.setBinding('b', { metadata: { name: 'b' }, spec: { policyName: 'p' } });
  const [policy] = index.policies;
  assert.ok(policy !== undefined);
  const authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
  const request = new RequestVariables(REQUEST, authorizer);
  return decide(policy, { request, namespace: undefined, params: undefined });
}

test('annotations are texts; null and blanks leave them out', () => {
  const auditAnnotations = [
    { key: 'name', valueExpression: "' by ' + request.userInfo.username + ' '" },
    { key: 'none', valueExpression: 'null' },
    { key: 'blank', valueExpression: "'  '" },
  ];
  assert.deepEqual(decided({ auditAnnotations }), { denials: [], annotations: [['name', 'by ann']] });
});

test('an annotation that fails denies, unless failures are ignored', () => {
  const auditAnnotations = [{ key: 'k', valueExpression: 'object.data.nope' }];
  const message = "expression 'object.data.nope' resulted in error: no such key: nope";
  assert.deepEqual(decided({ auditAnnotations }).denials, [{ message, reason: 'Invalid', always: true }]);
  assert.deepEqual(decided({ auditAnnotations, failurePolicy: 'Ignore' }).denials, []);
});

test('a variable that fails is told by its name', () => {
  const variables = [{ name: 'v', expression: 'object.data.nope' }];
  const [denial] = decided({ variables, validations: [{ expression: "variables.v == 'x'" }] }).denials;
  assert.equal(
    denial?.message,
    "expression 'variables.v == 'x'' resulted in error: composited variable \"v\" fails to evaluate: no such key: nope",
  );
});

test('a variable that nobody asks for is not evaluated', () => {
  const variables = [{ name: 'v', expression: 'object.data.nope' }];
  assert.deepEqual(decided({ variables, validations: [{ expression: "true || variables.v == 'x'" }] }).denials, []);
});

test('a message that is no single line of text gives way to the fixed one', () => {
  const messages = ["'a\\nb'", "'  '", 'object.data.nope'];
  for (const messageExpression of messages) {
    const [denial] = decided({ validations: [{ expression: 'false', messageExpression, message: ' fixed ' }] }).denials;
    assert.equal(denial?.message, 'fixed');
  }
});

test('a policy has one budget for all its expressions', () => {
  const slow = 'lists.range(900).all(a, lists.range(300).all(b, a + b >= 0))';
  const validations = Array.from({ length: 40 }, () => ({ expression: slow }));
  const { denials } = decided({ validations });
  assert.match(denials.at(-1)?.message ?? '', /running out of cost budget, no further validation rules will be run$/);
});
