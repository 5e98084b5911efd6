import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GroupVersionKind } from '../../../../src/api/resources.ts';
import { StatusError } from '../../../../src/api/status-error.ts';
import {
  BodyDecoder,
  DecodeError,
  type DecodedBody,
  type FieldValidation,
  parseJsonBody,
  parseYamlBody,
} from '../../../../src/apiserver/schema/index.ts';
import { builtInSchemas } from '../../../support/schemas.ts';

const decoder = new BodyDecoder(builtInSchemas(), () => {
  throw new DecodeError('no custom kinds here');
});
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };
const POD = { group: '', version: 'v1', kind: 'Pod' };
const LEASE = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' };
const SECRET = { group: '', version: 'v1', kind: 'Secret' };
const CRD = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };

function decode(
  body: string | object,
  kind: GroupVersionKind = CONFIG_MAP,
  fieldValidation: FieldValidation = 'Warn',
  format: 'json' | 'yaml' = 'json',
): DecodedBody {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return decoder.decode({ bytes: Buffer.from(text), format, kind, fieldValidation });
}

function refusal(...args: Parameters<typeof decode>): string {
  try {
    decode(...args);
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.equal(error.reason, 'BadRequest');
    return error.message;
  }
  assert.fail('the body was taken');
}

test('a body without kind is of the kind of its endpoint, and null is an empty object', () => {
  assert.deepEqual(decode('null').object, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} });
  assert.deepEqual(decode({ metadata: { name: 'a' }, data: { k: 'v' } }).object, {
    metadata: { name: 'a' },
    data: { k: 'v' },
    apiVersion: 'v1',
    kind: 'ConfigMap',
  });
});

const TWISTED =
  '{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":0,"replicas":1,"nope":1,"template":{"spec":' +
  '{"containers":[{"name":"c","imagee":"x","ports":[{"containerport":1,"containerPort":2}]}]}}}}';
const TWISTS = [
  'duplicate field "spec.replicas"',
  'unknown field "spec.nope"',
  'unknown field "spec.template.spec.containers[0].imagee"',
  'unknown field "spec.template.spec.containers[0].ports[0].containerport"',
];

test('unknown and repeated fields: refused, warned of, or passed over', () => {
  assert.equal(
    refusal(TWISTED, DEPLOYMENT, 'Strict'),
    `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: ${TWISTS.join(', ')}`,
  );
  const warned = decode(TWISTED, DEPLOYMENT, 'Warn');
  assert.deepEqual(warned.warnings, TWISTS);
  assert.deepEqual(warned.object['spec'], {
    replicas: 1,
    strategy: {},
    template: { metadata: {}, spec: { containers: [{ name: 'c', ports: [{ containerPort: 2 }], resources: {} }] } },
  });
  assert.deepEqual(decode(TWISTED, DEPLOYMENT, 'Ignore').warnings, []);
});

test('keys of maps may be repeated no more than fields may; case counts', () => {
  const body = '{"metadata":{"name":"a","Labels":{"x":"y"}},"data":{"k":"1","k":"2"},"bogus":{"deep":1}}';
  const { object, warnings } = decode(body);
  assert.deepEqual(warnings, ['unknown field "metadata.Labels"', 'duplicate field "data.k"', 'unknown field "bogus"']);
  assert.deepEqual(object['data'], { k: '2' });
});

test('names of the prototype are names like others', () => {
  const body = '{"metadata":{"name":"a","labels":{"__proto__":"x","constructor":"y"}},"toString":1}';
  const { object, warnings } = decode(body);
  assert.deepEqual(Object.keys(object.metadata?.labels ?? {}), ['__proto__', 'constructor']);
  assert.deepEqual(warnings, ['unknown field "toString"']);
});

test('nulls fall away; in lists and maps they are the zero value', () => {
  const body = { spec: { containers: [{ name: 'c', command: ['a', null], image: null }], nodeName: null } };
  assert.deepEqual(decode(body, POD).object['spec'], {
    containers: [{ name: 'c', command: ['a', ''], resources: {} }],
  });
  assert.deepEqual(decode({ data: { a: null } }).object['data'], { a: '' });
});

const MISFITS: readonly [GroupVersionKind, object, string][] = [
  [DEPLOYMENT, { spec: { replicas: 'x' } }, 'string into Go struct field DeploymentSpec.spec.replicas of type int32'],
  [
    DEPLOYMENT,
    { spec: { replicas: 1.5 } },
    'number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
  ],
  [DEPLOYMENT, { spec: { paused: 1 } }, 'number into Go struct field DeploymentSpec.spec.paused of type bool'],
  [CONFIG_MAP, { metadata: 'x' }, 'string into Go struct field ConfigMap.metadata of type v1.ObjectMeta'],
  [CONFIG_MAP, { data: ['x'] }, 'array into Go struct field ConfigMap.data of type map[string]string'],
  [CONFIG_MAP, { data: { a: 1 } }, 'number into Go struct field ConfigMap.data of type string'],
  [
    CONFIG_MAP,
    { metadata: { labels: { a: true } } },
    'bool into Go struct field ObjectMeta.metadata.labels of type string',
  ],
  [POD, { spec: { containers: {} } }, 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
  [POD, { spec: { containers: ['c'] } }, 'string into Go struct field PodSpec.spec.containers of type v1.Container'],
  [
    POD,
    { spec: { containers: [{ name: 5 }] } },
    'number into Go struct field Container.spec.containers.name of type string',
  ],
];

for (const [kind, body, message] of MISFITS) {
  test(`${kind.kind} ${JSON.stringify(body)} does not fit`, () => {
    const expected = `${kind.kind} in version "v1" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${message}`;
    assert.equal(refusal(body, kind), expected);
  });
}

test('types that read themselves say so in their own words', () => {
  const limits = (memory: unknown) => ({ spec: { containers: [{ name: 'c', resources: { limits: { memory } } }] } });
  assert.match(refusal(limits('12KK'), POD), /: unable to parse quantity's suffix$/);
  assert.match(refusal(limits('x'), POD), /: quantities must match the regular expression '/);
  const renewed = (renewTime: unknown) => ({ spec: { renewTime } });
  assert.match(
    refusal(renewed('2026-01-02T03:04:05Z'), LEASE),
    /: parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"$/,
  );
  assert.match(refusal({ data: { a: '1' } }, SECRET), /: illegal base64 data at input byte 0$/);
  assert.match(refusal({ data: { a: 'aGk=x' } }, SECRET), /: illegal base64 data at input byte 4$/);
});

test('quantities and times are kept as Go would write them', () => {
  const body = { spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1000m', memory: 1024 } } }] } };
  const [container] = (decode(body, POD).object['spec'] as { containers: { resources: { limits: object } }[] })
    .containers;
  assert.deepEqual(container?.resources.limits, { cpu: '1', memory: '1024' });
  assert.deepEqual(decode({ spec: { renewTime: '2026-01-02T03:04:05.500000+01:00' } }, LEASE).object['spec'], {
    renewTime: '2026-01-02T02:04:05.500000Z',
  });
});

test('what Go leaves out falls away, what it writes unasked is there', () => {
  const { object } = decode(
    { spec: { hostNetwork: false, hostUsers: false, nodeName: '', containers: [], volumes: [] } },
    POD,
  );
  assert.deepEqual(object, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    spec: { hostUsers: false, containers: [] },
    status: {},
  });
  const role = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' };
  assert.equal(decode({ metadata: { labels: {} } }, role).object['rules'], null);
  const service = { group: '', version: 'v1', kind: 'Service' };
  assert.deepEqual(decode({}, service).object['status'], { loadBalancer: {} });
});

test('schemas of custom resources are read in all their forms', () => {
  const schema = { type: 'object', properties: { a: { items: { type: 'string' }, additionalProperties: true, x: 1 } } };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  const { warnings } = decode({ spec: { versions } }, CRD);
  assert.deepEqual(warnings, ['unknown field "spec.versions[0].schema.openAPIV3Schema.properties.a.x"']);
});

const HEAD = 'the object provided is unrecognized (must be of type ConfigMap): ';
const STRUCT = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
const UNREADABLE: readonly [string, string][] = [
  ['', "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)"],
  ['{', "couldn't get version/kind; json parse error: unexpected end of JSON input ({)"],
  [
    'not json at all',
    "couldn't get version/kind; json parse error: invalid character 'o' in literal null (expecting 'u') (6e6f74206a736f6e20617420616c6c)",
  ],
  [
    '[]',
    `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type ${STRUCT} (5b5d)`,
  ],
  [
    '{"apiVersion":"v1","kind":"ConfigMap"} trailing',
    'couldn\'t get version/kind; json parse error: invalid character \'t\' after top-level value ({"apiVersion":"v1","kind":"Con ...)',
  ],
  [
    '{"kind":5}',
    'couldn\'t get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})',
  ],
  ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})'],
];

for (const [body, message] of UNREADABLE) {
  test(`no object: ${body}`, () => assert.equal(refusal(body), HEAD + message));
}

test('a document that nests without end is refused', () => {
  assert.match(refusal(`{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /exceeded max depth/);
  assert.match(refusal('['.repeat(100_000)), /exceeded max depth/);
});

const FOREIGN: readonly [GroupVersionKind, object, string][] = [
  [
    CONFIG_MAP,
    { apiVersion: 'v1', kind: 'Secret', data: { a: '1' } },
    'Secret in version "v1" cannot be handled as a ConfigMap: illegal base64 data at input byte 0',
  ],
  [
    CONFIG_MAP,
    { apiVersion: 'v1', kind: 'configmap' },
    'configmap in version "v1" cannot be handled as a ConfigMap: no kind "configmap" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    CONFIG_MAP,
    { apiVersion: 'apps/v1', kind: 'ConfigMap' },
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    CONFIG_MAP,
    { apiVersion: 'v1', kind: 'ConfigMapList', items: [] },
    'ConfigMapList in version "v1" cannot be handled as a ConfigMap: converting (v1.ConfigMapList) to (core.ConfigMap): unknown conversion',
  ],
  [
    DEPLOYMENT,
    { apiVersion: 'extensions/v1beta1', kind: 'Deployment' },
    'the API version in the data (extensions/v1beta1) does not match the expected API version (apps/v1)',
  ],
];

for (const [kind, body, message] of FOREIGN) {
  test(`${kind.kind} refuses ${JSON.stringify(body)}`, () => assert.equal(refusal(body, kind), message));
}

test('options of a deletion may name the group and version of the client', () => {
  const kind = { group: '', version: 'v1', kind: 'DeleteOptions' };
  const body = { apiVersion: 'apps/v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
  assert.deepEqual(decode(JSON.stringify(body), kind, 'Strict').object, { ...body, apiVersion: 'v1' });
  assert.match(refusal({ ...body, apiVersion: 'nowhere/v1' }, kind), /no kind "DeleteOptions" is registered/);
});

test('YAML is read by the rules of YAML 1.1', () => {
  const text = 'metadata: {name: a}\ndata:\n  at: 2026-01-02T03:04:05Z\n  clock: "1:30"\nimmutable: yes\n';
  assert.deepEqual(decode(text, CONFIG_MAP, 'Strict', 'yaml').object, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { at: '2026-01-02T03:04:05Z', clock: '1:30' },
    immutable: true,
  });
});

test('YAML that repeats a key is refused by its line', () => {
  const text = 'metadata:\n  name: a\ndata:\n  k: "1"\n  k: "2"\n';
  assert.equal(
    refusal(text, CONFIG_MAP, 'Strict', 'yaml'),
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: error converting YAML to JSON: ' +
      'yaml: unmarshal errors:\n  line 5: key "k" already set in map',
  );
  assert.match(
    refusal('a: [', CONFIG_MAP, 'Strict', 'yaml'),
    /^the object provided is unrecognized .*: yaml: line 1: did not find expected node content /,
  );
});

test('whole numbers that would lose digits are refused, in JSON and in YAML; others pass', () => {
  const read = (text: string) => parseJsonBody(Buffer.from(text), { repeated: false }).value;
  const readYaml = (text: string) => parseYamlBody(Buffer.from(text)).value;
  for (const lost of ['9007199254740993', '-9007199254740993', '9223372036854775807']) {
    assert.throws(() => read(`{"a":[${lost}]}`), /cannot be kept exactly/);
    assert.throws(() => readYaml(`a: ${lost}`), /cannot be kept exactly/);
  }
  const kept = { a: 9007199254740991, b: -9007199254740992, c: 1e30, d: '9007199254740993', e: 0.1234567890123456 };
  assert.deepEqual(read(JSON.stringify(kept)), kept);
  assert.deepEqual(readYaml('a: 9007199254740991'), { a: 9007199254740991 });
});
