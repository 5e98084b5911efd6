import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { BUILT_IN_RESOURCES, type ResourceInfo } from '../../../../src/api/resources.ts';
import { asBytes, asText, fieldsOf } from '../../../../src/apiserver/protobuf/codec.ts';
import { ProtobufReader } from '../../../../src/apiserver/protobuf/protobuf-reader.ts';
import { StatusError } from '../../../../src/api/status-error.ts';
import { OpenApiPublisher, type OpenApiRequest } from '../../../../src/apiserver/openapi/index.ts';
import { comparable, differences } from '../../../support/openapi-shape.ts';
import { oracleDocument, withoutOracle } from '../../../support/oracle.ts';
import { builtInSchemas, generatedFolder } from '../../../support/schemas.ts';

interface Document {
  paths: Record<string, Record<string, { operationId?: string }>>;
  components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
  parameters?: Record<string, unknown>;
}

const catalog = builtInSchemas();
let cacheFolder: string;
let resources: readonly ResourceInfo[] = BUILT_IN_RESOURCES;
let publisher: OpenApiPublisher;

before(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'openapi-'));
  publisher = new OpenApiPublisher({
    catalog,
    resources: () => resources,
    generatedFolder,
    cacheFolder: join(cacheFolder, 'cache'),
    version: '1.36',
  });
});
after(() => rm(cacheFolder, { recursive: true }));

async function get(path: string, request: Partial<OpenApiRequest> = {}) {
  const answer = await publisher.answer({ path, accept: 'application/json', acceptsGzip: false, ...request });
  assert.ok(answer.body instanceof Uint8Array);
  return { ...answer, body: Buffer.from(answer.body) };
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse((await get(path)).body.toString()) as T;
}

async function index(): Promise<Record<string, { serverRelativeURL: string }>> {
  return (await json<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3')).paths;
}

test('the v3 document of every group is that of a kube-apiserver, but for prose', { skip: withoutOracle }, async () => {
  const names = Object.keys(await index());
  assert.ok(names.length >= 22, `only ${names.length} groups`);
  for (const name of names) {
    const theirs = oracleDocument(`openapi/v3/${name.replaceAll('/', '_')}.json.gz`);
    const found = differences(comparable(await json(`/openapi/v3/${name}`)), comparable(theirs));
    assert.deepEqual(found, [], name);
  }
});

test('the v2 document is that of a kube-apiserver, but for prose', { skip: withoutOracle }, async () => {
  const { parameters, ...theirs } = oracleDocument('openapi/v2.json.gz') as Document;
  const lookup = (reference: string): unknown => parameters?.[reference.slice('#/parameters/'.length)];
  assert.deepEqual(differences(comparable(await json('/openapi/v2')), comparable(theirs, lookup)), []);
});

test('fields have their documentation, and nothing private is published', async () => {
  const document = await json<Document>('/openapi/v3/apis/apps/v1');
  const spec = document.components.schemas['io.k8s.api.apps.v1.DeploymentSpec']?.properties;
  assert.match(JSON.stringify(spec?.['replicas']), /"description":"Number of desired pods/);
  assert.doesNotMatch(JSON.stringify(document), /x-go-zero/);
});

test('an unchanged document is not sent again, and one asked for by its hash may be kept', async () => {
  const { serverRelativeURL } = (await index())['apis/batch/v1'] ?? { serverRelativeURL: '' };
  const hash = /hash=([0-9A-F]{128})$/.exec(serverRelativeURL)?.[1];
  const first = await get('/openapi/v3/apis/batch/v1', { hash });
  assert.equal(first.headers['etag'], `"${hash}"`);
  assert.match(String(first.headers['cache-control']), /immutable/);
  const again = await get('/openapi/v3/apis/batch/v1', { ifNoneMatch: `"${hash}"` });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
});

test('documents travel compressed where the client takes that, and are made once', async () => {
  const [plain, packed] = await Promise.all([
    get('/openapi/v3/apis/policy/v1'),
    get('/openapi/v3/apis/policy/v1', { acceptsGzip: true }),
  ]);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.ok(gunzipSync(packed.body).equals(plain.body));
  const kept = await readdir(join(cacheFolder, 'cache'));
  assert.ok(kept.every((name) => name.endsWith('.gz')));
});

test('the protobuf form starts with the fields of a v2 document', async () => {
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const { headers, body } = await get('/openapi/v2', { accept });
  assert.equal(headers['content-type'], 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  assert.deepEqual(
    body.subarray(0, 25),
    Buffer.concat([
      Buffer.from([0x0a, 3]), // swagger
      Buffer.from('2.0'),
      Buffer.from([0x12, 18, 0x0a, 10]), // info: title
      Buffer.from('Kubernetes'),
      Buffer.from([0x12, 4]), // version
      Buffer.from('1.36'),
    ]),
  );
});

test('the protobuf form of v3 has the fields of a v3 document, and the ETag of the same one in JSON', async () => {
  const path = '/openapi/v3/apis/policy/v1';
  const accept = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
  const [{ headers, body }, plain] = await Promise.all([get(path, { accept }), get(path)]);
  assert.equal(headers['content-type'], 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
  assert.equal(headers['etag'], plain.headers['etag']);
  const document = fieldsOf(body);
  assert.equal(asText(document.get(1)), '3.0.0');
  const info = fieldsOf(asBytes(document.get(2)));
  assert.deepEqual([asText(info.get(1)), asText(info.get(6))], ['Kubernetes', '1.36']);
  const names = namesIn(asBytes(document.get(4)), 1);
  const { paths } = JSON.parse(plain.body.toString()) as Document;
  assert.deepEqual(names, Object.keys(paths));
  const schemas = asBytes(fieldsOf(asBytes(document.get(5))).get(1));
  assert.ok(namesIn(schemas, 1).includes('io.k8s.api.policy.v1.PodDisruptionBudget'));
});

/** The names of the pairs in a repeated field. */
function namesIn(message: Uint8Array, number: number): string[] {
  const names: string[] = [];
  for (const reader = new ProtobufReader(message); reader.next(); ) {
    if (reader.number === number) names.push(asText(fieldsOf(asBytes(reader.value)).get(1)));
  }
  return names;
}

test('an old hash leads to the present document', async () => {
  const { status, headers } = await get('/openapi/v3/apis/policy/v1', { hash: 'OLD' });
  assert.equal(status, 301);
  const present = await get('/openapi/v3/apis/policy/v1');
  assert.equal(headers['location'], `/openapi/v3/apis/policy/v1?hash=${String(present.headers['etag']).slice(1, -1)}`);
});

test('what is not served is not found', async () => {
  await assert.rejects(get('/openapi/v3/apis/nope/v1'), (error) => error instanceof StatusError && error.code === 404);
});

test('a custom resource is published as soon as it is served, and gone with it', async () => {
  const kind = { group: 'example.com', version: 'v1', kind: 'Thing' };
  const before = await get('/openapi/v2');
  catalog.putCustom(kind, 'com.example.v1.Thing', {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer', description: 'How big.' } } } },
    'x-kubernetes-group-version-kind': [kind],
  });
  resources = [...BUILT_IN_RESOURCES, { ...kind, plural: 'things', singular: 'thing', namespaced: true }];
  try {
    const document = await json<Document>('/openapi/v3/apis/example.com/v1');
    assert.equal(
      document.paths['/apis/example.com/v1/namespaces/{namespace}/things']?.['post']?.operationId,
      'createExampleComV1NamespacedThing',
    );
    assert.match(JSON.stringify(document.components.schemas['com.example.v1.Thing']), /How big/);
    assert.notEqual((await get('/openapi/v2')).headers['etag'], before.headers['etag']);
  } finally {
    resources = BUILT_IN_RESOURCES;
    catalog.removeCustom(kind);
  }
  assert.equal((await get('/openapi/v2')).headers['etag'], before.headers['etag']);
});
