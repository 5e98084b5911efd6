import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFlowSchemas, defaultPriorityLevels } from '../../../../src/apiserver/flowcontrol/index.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checksOf } from './field-errors.ts';

const schemas = checksOf('flowcontrol.apiserver.k8s.io/v1', 'flowschemas');
const levels = checksOf('flowcontrol.apiserver.k8s.io/v1', 'prioritylevelconfigurations');

const group = { kind: 'Group', group: { name: 'g' } };
const reads = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] };

function schema(spec: object = {}, name = 's') {
  return { metadata: { name }, spec: { priorityLevelConfiguration: { name: 'p' }, ...spec } };
}

const withRule = (rule: object) => schema({ rules: [{ subjects: [group], resourceRules: [reads], ...rule }] });
const withSubject = (subject: object) => withRule({ subjects: [subject] });
const withResources = (change: object) => withRule({ resourceRules: [{ ...reads, ...change }] });
const withUrls = (...nonResourceURLs: string[]) => withRule({ nonResourceRules: [{ verbs: ['*'], nonResourceURLs }] });

function level(spec: object, name = 'p') {
  return { metadata: { name }, spec };
}

const limited = (change: object) =>
  level({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...change } });
const queued = (queuing: object) => limited({ limitResponse: { type: 'Queue', queuing } });

test('what a cluster starts with is valid, and stays so when it is written again', () => {
  for (const object of defaultFlowSchemas()) {
    assert.deepEqual(schemas.created(object), []);
    assert.deepEqual(schemas.updated(object, object), []);
  }
  for (const object of defaultPriorityLevels()) {
    assert.deepEqual(levels.created(object), []);
    assert.deepEqual(levels.updated(object, object), []);
  }
});

test('a flow schema needs a level, a precedence and rules that say whom and what', () => {
  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  const verbs = '"create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';
  const table: [KubeObject, string[]][] = [
    [withRule({}), []],
    [schema({ matchingPrecedence: -1 }), ['spec.matchingPrecedence: Invalid value: -1: must be a positive value']],
    [
      schema({ matchingPrecedence: 10_001 }),
      ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    ],
    [
      schema({ matchingPrecedence: 1 }),
      ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
    ],
    [
      schema({ distinguisherMethod: { type: 'ByMood' } }),
      [
        'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMood"}: supported values: "ByNamespace", "ByUser"',
      ],
    ],
    [
      schema({ priorityLevelConfiguration: {} }),
      ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
    ],
    [withRule({ subjects: [] }), ['spec.rules[0].subjects: Required value: subjects must contain at least one value']],
    [
      withRule({ resourceRules: [] }),
      ['spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty'],
    ],
    [
      withSubject({ kind: 'Dog' }),
      ['spec.rules[0].subjects[0].kind: Unsupported value: "Dog": supported values: "Group", "ServiceAccount", "User"'],
    ],
    [
      withSubject({ kind: 'User' }),
      ["spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'"],
    ],
    [
      withSubject({ ...group, user: { name: 'u' } }),
      ["spec.rules[0].subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'"],
    ],
    [
      withSubject({ kind: 'ServiceAccount', serviceAccount: { name: '*' } }),
      [
        'spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
      ],
    ],
    [withSubject({ kind: 'Group', group: {} }), ['spec.rules[0].subjects[0].group.name: Required value']],
    [
      withResources({ verbs: ['eat'] }),
      [`spec.rules[0].resourceRules[0].verbs: Unsupported value: ["eat"]: supported values: ${verbs}`],
    ],
    [
      withResources({ verbs: ['*', 'get'] }),
      [
        'spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
      ],
    ],
    [
      withResources({ apiGroups: [] }),
      ['spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group'],
    ],
    [
      withResources({ resources: ['*', 'pods'] }),
      [
        'spec.rules[0].resourceRules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources',
      ],
    ],
    [
      withResources({ namespaces: [] }),
      [
        'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
      ],
    ],
    [withResources({ namespaces: [], clusterScope: true }), []],
    [
      withResources({ namespaces: ['A'] }),
      [
        `spec.rules[0].resourceRules[0].namespaces[0]: Invalid value: "A": each member of this list must be '*' or a DNS-1123 label; ${label}`,
      ],
    ],
    [withUrls('/', '/a/*'), []],
    [
      withUrls('/a*'),
      [
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*": wildcard can only do suffix matching',
      ],
    ],
    [
      withUrls('a'),
      ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash'],
    ],
    [
      withUrls('/a//b'),
      ['spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a//b": must not contain double slash'],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(schemas.created(object), errors);
});

test('a priority level is exempt or limited, with numbers that queues can be made of', () => {
  const path = 'spec.limited.limitResponse';
  const table: [KubeObject, string[]][] = [
    [limited({}), []],
    [queued({}), []],
    [
      level({ type: 'Exempt' }),
      ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
    ],
    [level({ type: 'Odd' }), ['spec.type: Unsupported value: "Odd": supported values: "Exempt", "Limited"']],
    [level({ type: 'Limited' }), ['spec.limited: Required value: must not be empty when type is Limited']],
    [
      level({ type: 'Limited', exempt: {}, limited: { limitResponse: { type: 'Reject' } } }),
      ['spec.exempt: Forbidden: must be nil if the type is Limited'],
    ],
    [
      limited({ nominalConcurrencyShares: -1 }),
      ['spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer'],
    ],
    [
      limited({ lendablePercent: 101 }),
      ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
    ],
    [
      limited({ borrowingLimitPercent: -1 }),
      ['spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer'],
    ],
    [limited({ limitResponse: {} }), [`${path}.type: Unsupported value: "": supported values: "Queue", "Reject"`]],
    [
      limited({ limitResponse: { type: 'Queue' } }),
      [`${path}.queuing: Required value: must not be empty if limited.limitResponse.type is Limited`],
    ],
    [
      limited({ limitResponse: { type: 'Reject', queuing: {} } }),
      [`${path}.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
    ],
    [queued({ queueLengthLimit: -1 }), [`${path}.queuing.queueLengthLimit: Invalid value: -1: must be positive`]],
    [
      queued({ queues: 10_000_001, handSize: 1 }),
      [`${path}.queuing.queues: Invalid value: 10000001: must not be greater than 10000000`],
    ],
    [queued({ queues: 4 }), [`${path}.queuing.handSize: Invalid value: 8: should not be greater than queues (4)`]],
    [
      queued({ queues: 1024, handSize: 7 }),
      [
        `${path}.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 1024 and handSize 7 should not be greater than 60`,
      ],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(levels.created(object), errors);
});

test('the mandatory objects keep their specs, but for the shares of exempt', () => {
  const [exempt] = defaultPriorityLevels();
  assert.ok(exempt);
  const shares = (count: number) => ({
    ...exempt,
    spec: { ...exempt.spec, exempt: { nominalConcurrencyShares: count } },
  });
  assert.deepEqual(levels.updated(shares(5), exempt), []);
  assert.deepEqual(levels.updated(shares(-1), exempt), [
    'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
  ]);
  const shown =
    '{"Type":"Limited","Limited":{"NominalConcurrencyShares":5,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":1,"BorrowingLimitPercent":null},"Exempt":null}';
  const changed = level(
    {
      type: 'Limited',
      limited: { nominalConcurrencyShares: 5, lendablePercent: 1, limitResponse: { type: 'Reject' } },
    },
    'catch-all',
  );
  assert.deepEqual(levels.updated(changed, changed), [
    `spec: Invalid value: ${shown}: spec of 'catch-all' must equal the fixed value`,
  ]);
  const catchAll = schema({ matchingPrecedence: 10_000, rules: [] }, 'catch-all');
  assert.deepEqual(schemas.updated(catchAll, catchAll), [
    'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"p"},"MatchingPrecedence":10000,"DistinguisherMethod":null,"Rules":[]}: ' +
      "spec of 'catch-all' must equal the fixed value",
  ]);
});

test('conditions are a list by type, and a write of status is held to them alone', () => {
  const broken = { ...schema({ matchingPrecedence: -1 }), status: { conditions: [{ type: 'A' }, { type: 'A' }, {}] } };
  const errors = [
    'status.conditions[1].type: Duplicate value: "A"',
    'status.conditions[2].type: Required value: must not be empty',
  ];
  assert.deepEqual(schemas.updated(broken, schema(), 'status'), errors);
  assert.deepEqual(levels.updated({ ...level({ type: 'Odd' }), status: broken.status }, level({}), 'status'), errors);
});
