/** Match conditions: upstream `admission/plugin/webhook/matchconditions/matcher_test.go` by its rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type MatchCondition,
  matchConditions,
  type MatchResult,
} from '../../../../src/apiserver/admission/match-conditions.ts';
import { REQUEST_VARIABLES, RequestVariables } from '../../../../src/apiserver/admission/policy/request-variables.ts';
import type { AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';

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
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } },
  oldObject: undefined,
  options: { kind: 'CreateOptions' },
  caller: { name: 'ann', groups: ['dev'], extra: { scope: ['a', 'b'] } },
  dryRun: false,
  warn: () => undefined,
};

function match(expressions: readonly string[]): MatchResult {
  const conditions: MatchCondition[] = expressions.map((expression, index) => ({ name: `c${index}`, expression }));
  const authorizer = {
    authorize: (caller: { name: string }, { verb }: { verb: string }) => ({
      allowed: caller.name === 'ann' && verb === 'get',
      reason: 'by rule',
    }),
  };
  return matchConditions(conditions, REQUEST_VARIABLES, new RequestVariables(REQUEST, authorizer).get);
}

const HOLD = [
  "object.data.x == '1' && oldObject == null",
  "request.operation == 'CREATE' && request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps'",
  "request.userInfo.username == 'ann' && 'dev' in request.userInfo.groups && request.userInfo.extra['scope'].size() == 2",
  "request.namespace == 'shop' && !request.dryRun && request.options.kind == 'CreateOptions'",
  "authorizer.group('').resource('pods').namespace('shop').check('get').allowed()",
  "!authorizer.group('').resource('pods').check('delete').allowed()",
  "authorizer.group('').resource('pods').fieldSelector('spec.nodeName=n').labelSelector('a').check('get').allowed()",
  "authorizer.requestResource.check('get').reason() == 'by rule'",
  "!authorizer.serviceAccount('shop', 'robot').path('/metrics').check('get').allowed()",
];

for (const expression of HOLD) {
  test(`${expression} holds`, () => assert.deepEqual(match([expression]), { matches: true }));
}

test('without conditions all matches', () => {
  assert.deepEqual(
    matchConditions(undefined, REQUEST_VARIABLES, () => undefined),
    { matches: true },
  );
});

test('the first that does not hold decides, also over one that fails', () => {
  assert.deepEqual(match(['object.no == 1', 'true', 'false']), { matches: false, condition: 'c2' });
});

test('failures are told together', () => {
  assert.deepEqual(match(['object.no == 1', "object.data['y'] == '1'"]), {
    matches: 'unknown',
    error:
      "[expression 'object.no == 1' resulted in error: no such key: no, " +
      "expression 'object.data['y'] == '1'' resulted in error: no such key: y]",
  });
});

test('two authorization checks are all that one expression may pay for', () => {
  const check = "authorizer.path('/a').check('get').allowed()";
  assert.deepEqual(match([`${check} && ${check}`]), { matches: true });
  const result = match([`${check} && ${check} && ${check}`]);
  assert.equal(result.matches, 'unknown');
});
