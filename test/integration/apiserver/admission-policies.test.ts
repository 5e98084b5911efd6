/** Admission policies over the whole server: what is refused, warned of and let through. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies';
const MUTATING_BINDINGS = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MAPS = '/api/v1/namespaces/default/configmaps';

let api: TestApiServer;
before(async () => {
  api = await startApiServer();
});
after(() => api.close());
beforeEach(async () => {
  for (const collection of [BINDINGS, MUTATING_BINDINGS, POLICIES, MUTATING, MAPS, DEPLOYMENTS])
    await ask('DELETE', collection);
});

interface Answer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly object: KubeObject & { message?: string; reason?: string; details?: { causes?: { message: string }[] } };
}

async function ask(method: string, target: string, body?: object): Promise<Answer> {
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const answer = await api.server.handle({ method, target, headers, ...bytes }, ADMIN, AbortSignal.timeout(60_000));
  assert.ok(answer.body instanceof Uint8Array);
  const warnings = [answer.headers['warning'] ?? []].flat();
  return { status: answer.status, warnings, object: JSON.parse(Buffer.from(answer.body).toString()) };
}

const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };

async function policy(spec: object): Promise<void> {
  const kind = 'ValidatingAdmissionPolicy';
  const body = { kind, metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: [RULE] }, ...spec } };
  const made = await ask('POST', POLICIES, body);
  assert.equal(made.status, 201, made.object.message);
}

async function bind(spec: object = {}, name = 'b'): Promise<void> {
  const body = { metadata: { name }, spec: { policyName: 'p', validationActions: ['Deny'], ...spec } };
  const made = await ask('POST', BINDINGS, { kind: 'ValidatingAdmissionPolicyBinding', ...body });
  assert.equal(made.status, 201, made.object.message);
}

const map = (data: Record<string, string>, name = 'a', labels = {}): object => ({ metadata: { name, labels }, data });
const create = (data: Record<string, string>, name = 'a'): Promise<Answer> => ask('POST', MAPS, map(data, name));

const BY = "ValidatingAdmissionPolicy 'p' with binding 'b'";

test('a violation is refused with the message, the reason and the code of the validation', async () => {
  await policy({
    variables: [
      { name: 'x', expression: "object.data['x']" },
      { name: 'twice', expression: 'variables.x + variables.x' },
    ],
    validations: [
      { expression: "variables.twice != 'aa'", messageExpression: "'got ' + variables.twice", reason: 'Forbidden' },
      { expression: "variables.x != 'b'", message: 'no b' },
      { expression: "variables.x != 'c'" },
    ],
  });
  assert.equal((await create({ x: 'a' }, 'unbound')).status, 201);
  await bind();
  const first = await create({ x: 'a' });
  assert.equal(first.status, 403);
  assert.equal(first.object.message, `configmaps "a" is forbidden: ${BY} denied request: got aa`);
  assert.equal(first.object.reason, 'Forbidden');
  assert.deepEqual(first.object.details?.causes, [{ message: `${BY} denied request: got aa` }]);
  const second = await create({ x: 'b' });
  assert.deepEqual([second.status, second.object.reason], [422, 'Invalid']);
  assert.match(second.object.message ?? '', /denied request: no b$/);
  assert.match(
    (await create({ x: 'c' })).object.message ?? '',
    /denied request: failed expression: variables.x != 'c'$/,
  );
  assert.equal((await create({ x: 'd' })).status, 201);
});

test('a binding may warn instead, and look at labels and namespaces only', async () => {
  await policy({ validations: [{ expression: 'false', message: 'never' }] });
  await bind({
    validationActions: ['Warn', 'Audit'],
    matchResources: { objectSelector: { matchLabels: { on: 'yes' } } },
  });
  const quiet = await ask('POST', MAPS, map({}, 'q', { on: 'no' }));
  assert.deepEqual([quiet.status, quiet.warnings], [201, []]);
  const loud = await ask('POST', MAPS, map({}, 'l', { on: 'yes' }));
  assert.deepEqual([loud.status, loud.warnings], [201, [`299 - "Validation failed for ${BY}: never"`]]);
});

test('match conditions come first; what fails is for the failure policy', async () => {
  const spec = {
    matchConditions: [{ name: 'asked', expression: "object.data['ask'] == 'yes'" }],
    validations: [{ expression: "object.data['x'] == 'y'" }],
  };
  await policy({ ...spec, failurePolicy: 'Ignore' });
  await bind();
  assert.equal((await create({ ask: 'yes', x: 'n' })).status, 422);
  assert.equal((await create({ ask: 'no', x: 'n' }, 'other')).status, 201);
  assert.equal((await create({ ask: 'yes' }, 'fails')).status, 201);
  await ask('DELETE', `${POLICIES}/p`);
  await policy({ ...spec, failurePolicy: 'Fail' });
  const failed = await create({ ask: 'yes' });
  assert.match(
    failed.object.message ?? '',
    /expression 'object.data\['x'\] == 'y'' resulted in error: no such key: x$/,
  );
  assert.match((await create({ x: 'n' })).object.message ?? '', /no such key: ask$/);
});

test('parameters are found by name or labels; without any the binding says what happens', async () => {
  await policy({
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: { resourceRules: [{ ...RULE, resources: ['secrets'] }] },
    validations: [
      {
        expression: "object.metadata.name.startsWith(params.data['prefix'])",
        messageExpression: "'want ' + params.data['prefix']",
      },
    ],
  });
  await bind({ paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } });
  const secret = (name: string): Promise<Answer> =>
    ask('POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
  assert.match(
    (await secret('a')).object.message ?? '',
    /denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
  );
  await create({ prefix: 'b' }, 'limits');
  assert.match((await secret('a')).object.message ?? '', /denied request: want b$/);
  assert.equal((await secret('b1')).status, 201);
  await ask('DELETE', `${BINDINGS}/b`);
  await bind({ paramRef: { selector: { matchLabels: { role: 'limits' } }, parameterNotFoundAction: 'Allow' } });
  assert.equal((await secret('c')).status, 201);
  await ask('POST', MAPS, map({ prefix: 'd' }, 'more', { role: 'limits' }));
  assert.equal((await secret('e')).status, 422);
});

test('expressions see the namespace, the caller and what the caller may do', async () => {
  await policy({
    validations: [
      { expression: "namespaceObject.metadata.name == 'default' && namespaceObject.status.phase == 'Active'" },
      { expression: "request.userInfo.username == 'admin' && request.kind.kind == 'ConfigMap'" },
      { expression: "object.kind == 'ConfigMap' && object.apiVersion == 'v1'" },
      { expression: "authorizer.group('').resource('pods').namespace('default').check('create').allowed()" },
      { expression: "oldObject == null ? request.operation == 'CREATE' : oldObject.data.x != object.data.x" },
    ],
  });
  await bind();
  assert.equal((await create({ x: '1' })).status, 201);
  assert.equal((await ask('PUT', `${MAPS}/a`, map({ x: '2' }))).status, 200);
  assert.equal((await ask('PUT', `${MAPS}/a`, { ...map({ x: '2' }), immutable: true })).status, 422);
});

test('a policy that does not compile is refused with the place of each fault', async () => {
  const body = {
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: {
      matchConstraints: { resourceRules: [RULE] },
      variables: [
        { name: 'v-1', expression: '1' },
        { name: 'v', expression: 'nope' },
      ],
      matchConditions: [{ name: 'm', expression: '1' }],
      validations: [{ expression: 'object.a +', messageExpression: 'authorizer.path("/")' }],
      auditAnnotations: [{ key: 'k', valueExpression: '1' }],
    },
  };
  const { status, object } = await ask('POST', POLICIES, body);
  assert.equal(status, 422);
  const wanted = [
    'spec.matchConditions[0].expression: Invalid value: "1": must evaluate to bool',
    'spec.variables[0].name: Invalid value: "v-1": name is not a valid CEL identifier',
    'spec.variables[1].expression: Invalid value: "nope": compilation failed: ERROR: <input>:1:1: undeclared reference to',
    'spec.validations[0].expression: Invalid value: "object.a +": compilation failed: ERROR: <input>:1:11: Syntax error',
    'spec.validations[0].messageExpression: Invalid value: "authorizer.path(\\"/\\")": compilation failed',
    'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null]',
  ];
  for (const text of wanted) assert.ok(object.message?.includes(text), `${text}\nnot in\n${object.message}`);
});

test('an expression that goes on too long does not hold the server up', async () => {
  const body = "object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != 'x')))";
  await policy({ validations: [{ expression: body }] });
  await bind();
  const data = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 'v']));
  const begun = performance.now();
  const { object } = await create(data);
  assert.match(object.message ?? '', /resulted in error: operation cancelled: actual cost limit exceeded$/);
  assert.ok(performance.now() - begun < 5_000);
});

interface Mutating {
  readonly name?: string;
  readonly mutations: readonly (readonly ['ApplyConfiguration' | 'JSONPatch', string])[];
  readonly spec?: object;
}

async function mutate({ name = 'm', mutations, spec = {} }: Mutating): Promise<Answer> {
  const rules = [RULE, { ...RULE, apiGroups: ['apps'], resources: ['deployments'] }];
  const made = await ask('POST', MUTATING, {
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: rules },
      reinvocationPolicy: 'Never',
      mutations: mutations.map(([patchType, expression]) =>
        patchType === 'JSONPatch'
          ? { patchType, jsonPatch: { expression } }
          : { patchType, applyConfiguration: { expression } },
      ),
      ...spec,
    },
  });
  const binding = { metadata: { name }, spec: { policyName: name } };
  await ask('POST', MUTATING_BINDINGS, { kind: 'MutatingAdmissionPolicyBinding', ...binding });
  return made;
}

test('an apply configuration is merged, and the fields stay with who owned them', async () => {
  const sidecar =
    "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'proxy', image: 'proxy:' + variables.tag}]}}}}";
  const variables = [{ name: 'tag', expression: "object.metadata.?labels[?'tag'].orValue('latest')" }];
  await mutate({ mutations: [['ApplyConfiguration', sidecar]], spec: { variables } });
  const labels = { app: 'a' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  const body = {
    metadata: { name: 'd', labels: { tag: 'v2' } },
    spec: { selector: { matchLabels: labels }, template },
  };
  const { status, object } = await ask('POST', DEPLOYMENTS, body);
  assert.equal(status, 201, object.message);
  const spec = object['spec'] as {
    template: { spec: { containers: { name: string; image: string; imagePullPolicy: string }[] } };
  };
  assert.deepEqual(
    spec.template.spec.containers.map(({ name, image, imagePullPolicy }) => [name, image, imagePullPolicy]),
    [
      ['app', 'app:1', 'IfNotPresent'],
      ['proxy', 'proxy:v2', 'IfNotPresent'],
    ],
  );
  assert.equal(object.metadata?.managedFields?.length, 1);
});

test('a JSON patch may name keys that need escapes, and later mutations see earlier ones', async () => {
  await mutate({
    mutations: [
      ['ApplyConfiguration', "Object{metadata: Object.metadata{labels: Object.metadata.labels{first: 'yes'}}}"],
      [
        'JSONPatch',
        "[JSONPatch{op: 'test', path: '/metadata/labels/first', value: 'yes'}, JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: object.metadata.labels.first}]",
      ],
    ],
  });
  const { object } = await create({ x: '1' });
  assert.deepEqual(object.metadata?.labels, { first: 'yes', 'a/b': 'yes' });
});

test('a policy that wants to is asked again after a later one has changed something', async () => {
  const once = (key: string, condition: string): (readonly ['JSONPatch', string])[] => [
    ['JSONPatch', `${condition} ? [JSONPatch{op: 'add', path: '/data/${key}', value: 'set'}] : []`],
  ];
  const again = { reinvocationPolicy: 'IfNeeded' };
  await mutate({ name: 'early', mutations: once('early', 'has(object.data.late)'), spec: again });
  await mutate({ name: 'late', mutations: once('late', '!has(object.data.late)') });
  const { object } = await create({ x: '1' });
  assert.deepEqual(object['data'], { x: '1', late: 'set', early: 'set' });
});

test('a mutation that cannot be applied is for the failure policy', async () => {
  const wrong = "Object{data: Object.spec{x: 'y'}}";
  await mutate({ mutations: [['ApplyConfiguration', wrong]] });
  const refused = await create({});
  assert.equal(refused.status, 422);
  assert.equal(
    refused.object.message,
    `configmaps "a" is forbidden: policy 'm' with binding 'm' denied request: unexpected type name "Object.spec", expected "Object.data", which matches field name path from root Object type`,
  );
  await ask('DELETE', `${MUTATING}/m`);
  await mutate({ mutations: [['ApplyConfiguration', wrong]], spec: { failurePolicy: 'Ignore' } });
  assert.equal((await create({})).status, 201);
});

test('a mutation of the wrong type or form is refused when it is written', async () => {
  const { object } = await mutate({
    mutations: [
      ['ApplyConfiguration', '1'],
      ['JSONPatch', "[JSONPatch{op: 1, paht: ''}]"],
      ['ApplyConfiguration', 'Objekt{a: 1}'],
    ],
  });
  const wanted = [
    'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object',
    "1:12: expected type of field 'op' is 'string' but provided type is 'int'",
    "1:19: undefined field 'paht'",
    "1:7: undeclared reference to 'Objekt' (in container '')",
  ];
  for (const text of wanted) assert.ok(object.message?.includes(text), `${text}\nnot in\n${object.message}`);
});
