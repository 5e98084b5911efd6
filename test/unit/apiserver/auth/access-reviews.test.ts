/** What upstream refuses in access reviews: facts of `pkg/apis/authorization/validation/validation_test.go`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewAccess } from '../../../../src/apiserver/auth/reviews/access-reviews.ts';

const authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
const caller = { name: 'me', groups: [] };

function review(resourceAttributes: object, kind: 'SubjectAccessReview' | 'LocalSubjectAccessReview'): unknown {
  return reviewAccess({ spec: { user: 'me', ...resourceAttributes } }, kind, 'ns', caller, authorizer).status;
}

const selector = (fieldSelector: object): object => ({ resourceAttributes: { fieldSelector } });
const PATH = 'spec.resourceAttributes.fieldSelector';

const REFUSED: readonly (readonly [string, object, string])[] = [
  [
    'raw and requirements',
    { rawSelector: 'foo', requirements: [{ key: 'k', operator: 'Exists' }] },
    `${PATH}.rawSelector: Invalid value: "foo": may not specified at the same time as requirements`,
  ],
  [
    'neither',
    {},
    `${PATH}.requirements: Required value: when ${PATH} is specified, requirements or rawSelector is required`,
  ],
  [
    'no key',
    { requirements: [{ operator: 'Exists' }] },
    `${PATH}.requirements[0].key: Required value: must be specified`,
  ],
  [
    'no value',
    { requirements: [{ key: 'k', operator: 'In' }] },
    `${PATH}.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    'a value too many',
    { requirements: [{ key: 'k', operator: 'Exists', values: ['v'] }] },
    `${PATH}.requirements[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ],
];

for (const [what, given, message] of REFUSED) {
  test(`selectors: ${what}`, () => {
    const refusal = { message: `.authorization.k8s.io "" is invalid: ${message}` };
    assert.throws(() => review(selector(given), 'SubjectAccessReview'), refusal);
  });
}

test('operators that nobody knows yet are left to whoever decides', () => {
  const requirements = [{ key: 'k', operator: 'Between', values: ['1', '2'] }];
  assert.deepEqual(review(selector({ requirements }), 'SubjectAccessReview'), { allowed: true });
});

test('a local review is about resources', () => {
  const given = { nonResourceAttributes: { path: '/x', verb: 'get' } };
  assert.throws(() => review(given, 'LocalSubjectAccessReview'), {
    message:
      '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: disallowed on this kind of request',
  });
});
