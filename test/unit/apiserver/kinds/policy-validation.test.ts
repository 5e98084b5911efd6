/** What upstream refuses in admission policies and their bindings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../../../src/api/field-error.ts';
import {
  bindingErrors,
  validatingPolicyErrors,
} from '../../../../src/apiserver/kinds/admissionregistration/policy-validation.ts';

type Spec = NonNullable<Parameters<typeof validatingPolicyErrors>[0]['spec']>;

const told = (errors: readonly FieldError[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);

const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const SOUND: Spec = {
  failurePolicy: 'Fail',
  matchConstraints: {
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    resourceRules: [RULE],
  },
  validations: [{ expression: 'true' }],
};

const POLICIES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a sound one', {}, []],
  [
    'kinds of parameters have a group, a version and a name',
    { paramKind: { apiVersion: 'X/1v', kind: 'A B' } },
    [
      /^spec.paramKind.apiVersion: Invalid value: "X": a lowercase RFC 1123 subdomain/,
      /^spec.paramKind.apiVersion: Invalid value: "1v": a DNS-1035 label/,
      /^spec.paramKind.kind: Invalid value: "A B": may have mixed case, but should otherwise match: a DNS-1035 label/,
    ].map(String),
  ],
  [
    'versions are one part or two',
    { paramKind: { apiVersion: 'a/b/c', kind: 'A' } },
    ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ],
  [
    'a version must be said',
    { paramKind: { apiVersion: 'a.b/', kind: 'A' } },
    ['spec.paramKind.apiVersion: Invalid value: "a.b/": version must be specified'],
  ],
  [
    'names of resources are parts of paths, told once',
    { matchConstraints: { ...SOUND.matchConstraints, resourceRules: [{ ...RULE, resourceNames: ['a/b', 'c', 'c'] }] } },
    [
      `spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: "a/b": may not contain '/'`,
      'spec.matchConstraints.resourceRules[0].resourceNames[2]: Duplicate value: "c"',
    ],
  ],
  [
    'messages are one line with something on it',
    {
      validations: [
        { expression: 'true', message: ' ' },
        { expression: 'true', message: 'a\nb' },
        { expression: 'true', messageExpression: ' ' },
      ],
    },
    [
      'spec.validations[0].message: Invalid value: " ": message must be non-empty if specified',
      'spec.validations[1].message: Invalid value: "a\\nb": message must not contain line breaks',
      'spec.validations[2].messageExpression: Invalid value: " ": must be non-empty if specified',
    ],
  ],
  [
    'keys of annotations follow the name of the policy, each once',
    {
      auditAnnotations: [
        { key: 'a', valueExpression: "'x'" },
        { key: 'a', valueExpression: ' ' },
        { key: 'b', valueExpression: `'${'x'.repeat(5 * 1024)}'` },
      ],
    },
    [
      'spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
      'spec.auditAnnotations[2].valueExpression: Required value: must not exceed 5120 bytes in length',
    ],
  ],
  [
    'there are 64 match conditions at most',
    { matchConditions: Array.from({ length: 65 }, (_, index) => ({ name: `c${index}`, expression: 'true' })) },
    ['spec.matchConditions: Too many: 65: must have at most 64 items'],
  ],
];

for (const [what, spec, expected] of POLICIES) {
  test(`policies: ${what}`, () => {
    const found = told(validatingPolicyErrors({ metadata: { name: 'p' }, spec: { ...SOUND, ...spec } }));
    assert.equal(found.length, expected.length, found.join('\n'));
    expected.forEach((line, index) => {
      const pattern = /^\/(.*)\/$/.exec(line)?.[1];
      if (pattern === undefined) assert.equal(found[index], line);
      else assert.match(found[index] ?? '', new RegExp(pattern));
    });
  });
}

test('bindings name a policy and parameters', () => {
  const paramRef = { name: 'a/b', parameterNotFoundAction: 'Deny' };
  const found = told(bindingErrors({ policyName: 'X X', paramRef }));
  assert.match(found[0] ?? '', /^spec.policyName: Invalid value: "X X": a lowercase RFC 1123 subdomain/);
  assert.deepEqual(found.slice(1), [`spec.paramRef.name: Invalid value: "a/b": may not contain '/'`]);
});
