import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const THINGS = '/apis/example.com/v1/namespaces/default/things';

let api: TestApiServer;
before(async () => {
  api = await startApiServer();
});
after(() => api.close());

interface Answer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly object: KubeObject & { message?: string; items?: KubeObject[] };
}

async function ask(method: string, target: string, body?: object, contentType = 'application/json'): Promise<Answer> {
  const signal = AbortSignal.timeout(60_000);
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  const headers = { accept: 'application/json', 'content-type': contentType };
  const answer = await api.server.handle({ method, target, headers, ...bytes }, ADMIN, signal);
  assert.ok(answer.body instanceof Uint8Array);
  const warnings = [answer.headers['warning'] ?? []].flat();
  const text = Buffer.from(answer.body).toString();
  return { status: answer.status, warnings, object: text.startsWith('{') ? JSON.parse(text) : {} };
}

/** Follows the definitions until one fulfils the condition, or none of the name is left. */
async function until(name: string, done: (crd: KubeObject | undefined) => boolean): Promise<void> {
  const target = `${DEFINITIONS}?watch=true&allowWatchBookmarks=false&fieldSelector=metadata.name%3D${name}`;
  const signal = AbortSignal.timeout(60_000);
  const answer = await api.server.handle({ method: 'GET', target, headers: {} }, ADMIN, signal);
  assert.ok(!(answer.body instanceof Uint8Array));
  for await (const chunk of answer.body) {
    for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
      const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
      if (done(type === 'DELETED' ? undefined : object)) return;
    }
  }
}

function isEstablished(crd: KubeObject | undefined): boolean {
  const status = crd?.status as { conditions?: { type: string; status: string }[] | null } | undefined;
  return (status?.conditions ?? []).some((each) => each.type === 'Established' && each.status === 'True');
}

const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing', shortNames: ['tg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer', minimum: 1, default: 2 }, name: { type: 'string' } },
              },
              status: { type: 'object', properties: { size: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
};

test('a definition is served as soon as it is established', async () => {
  assert.equal((await ask('GET', THINGS)).status, 404);
  assert.equal((await ask('POST', DEFINITIONS, DEFINITION)).status, 201);
  await until('things.example.com', isEstablished);
  assert.equal((await ask('GET', THINGS)).object.kind, 'ThingList');
  const { object } = await ask('GET', '/apis/example.com/v1');
  assert.match(JSON.stringify(object), /"name":"things".*"shortNames":\["tg"\]/);
  assert.equal((await ask('GET', '/openapi/v3/apis/example.com/v1')).status, 200);
});

test('objects are pruned, defaulted, checked, scaled, and have a status of their own', async () => {
  const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } };
  const created = await ask('POST', THINGS, { ...thing, spec: { name: 'x', odd: 1 }, status: { size: 9 } });
  assert.equal(created.status, 201);
  assert.deepEqual(created.warnings, [String.raw`299 - "unknown field \"spec.odd\""`]);
  assert.deepEqual(created.object.spec, { name: 'x', size: 2 });
  assert.equal(created.object.status, undefined);
  const refused = await ask('POST', THINGS, { ...thing, metadata: { name: 'b' }, spec: { size: 0 } });
  assert.equal(refused.status, 422);
  assert.match(refused.object.message ?? '', /spec\.size in body should be greater than or equal to 1$/);
  const patch = 'application/merge-patch+json';
  const status = await ask('PATCH', `${THINGS}/a/status`, { status: { size: 2 }, spec: { size: 5 } }, patch);
  assert.deepEqual([status.object.spec, status.object.status], [{ name: 'x', size: 2 }, { size: 2 }]);
  const scaled = await ask('PATCH', `${THINGS}/a/scale`, { spec: { replicas: 4 } }, patch);
  assert.deepEqual([scaled.object.spec, scaled.object.status], [{ replicas: 4 }, { replicas: 2 }]);
  const { object } = await ask('GET', `${THINGS}/a`);
  assert.deepEqual([object.spec, object.metadata?.generation], [{ name: 'x', size: 4 }, 2]);
});

test('objects are refused for saying that they are of another kind or version, or of none', async () => {
  const metadata = { name: 'c' };
  const message = async (...request: Parameters<typeof ask>): Promise<[number, string]> => {
    const { status, object } = await ask(...request);
    return [status, object.message ?? ''];
  };
  const otherKind: [number, string] = [
    422,
    'Other.example.com "c" is invalid: kind: Invalid value: "Other": must be Thing',
  ];
  assert.deepEqual(await message('POST', THINGS, { apiVersion: 'example.com/v1', kind: 'Other', metadata }), otherKind);
  assert.deepEqual(await message('POST', THINGS, { apiVersion: 'example.com/v2', kind: 'Thing', metadata }), [
    400,
    'the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)',
  ]);
  const [code, text] = await message('POST', THINGS, { metadata });
  assert.equal(code, 400);
  assert.match(text, /^the object provided is unrecognized \(must be of type Thing\): Object 'Kind' is missing in '/);
  assert.equal((await ask('POST', THINGS, { apiVersion: 'example.com/v1', kind: 'Thing', metadata })).status, 201);
  const patch = 'application/merge-patch+json';
  assert.deepEqual(await message('PATCH', `${THINGS}/c`, { kind: 'Other' }, patch), otherKind);
});

test('a deleted definition takes its objects with it', async () => {
  const { object } = await ask('DELETE', `${DEFINITIONS}/things.example.com`);
  assert.deepEqual(object.metadata?.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  await until('things.example.com', (crd) => crd === undefined);
  assert.equal((await ask('GET', `${DEFINITIONS}/things.example.com`)).status, 404);
  assert.equal((await ask('GET', THINGS)).status, 404);
});
