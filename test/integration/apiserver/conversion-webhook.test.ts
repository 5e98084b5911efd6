/** Custom resources whose versions a webhook converts: stored as v1 (`size`), served as v2 (`length`) too. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { type HookServer, type Review, startHookServer } from '../../support/hook-server.ts';

const DEFINITIONS = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
const VALIDATING = builtIn('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations');
const { signal } = new AbortController();
const namespace = 'default';
const thing = (version: string): ResourceInfo => ({
  group: 'example.com',
  version,
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  namespaced: true,
});
const [V1, V2] = [thing('v1'), thing('v2')];

interface Thing extends KubeObject {
  size?: number;
  length?: number;
}

let api: TestApiServer;
let hook: HookServer;
let client: KubeClient;
before(async () => {
  api = await startApiServer();
  hook = await startHookServer(convert);
  client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
  const number = (name: string): object => ({
    openAPIV3Schema: { type: 'object', properties: { [name]: { type: 'integer', minimum: 1 } } },
  });
  const spec = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: number('size') },
      { name: 'v2', served: true, storage: false, schema: number('length') },
    ],
    conversion: { strategy: 'Webhook', webhook: { clientConfig: hook.config, conversionReviewVersions: ['v1'] } },
  };
  await client.create(DEFINITIONS, {}, { metadata: { name: 'things.example.com' }, spec }, signal);
  const options = { fieldSelector: 'metadata.name=things.example.com', sendInitialEvents: true };
  for await (const { object } of client.watch(DEFINITIONS, options, signal)) {
    const { conditions } = (object['status'] ?? {}) as { conditions?: { type: string; status: string }[] | null };
    if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) break;
  }
});
beforeEach(() => {
  hook.answer = convert;
});
after(async () => {
  await api.close();
  await hook.close();
});

/** `size` of v1 and `length` of v2 are the same number. */
function convert({ request }: Review): object {
  const { desiredAPIVersion, objects = [] } = request;
  const convertedObjects = objects.map(({ size, length, ...rest }: Thing) => ({
    ...rest,
    apiVersion: desiredAPIVersion,
    ...(desiredAPIVersion === 'example.com/v1' ? { size: length } : { length: size }),
  }));
  return { convertedObjects, result: { status: 'Success' } };
}

function make(name: string, version: ResourceInfo, fields: Partial<Thing>): Promise<Thing> {
  const apiVersion = `example.com/${version.version}`;
  return client.create<Thing>(
    version,
    { namespace },
    { apiVersion, kind: 'Thing', metadata: { name }, ...fields },
    signal,
  );
}

function read(version: ResourceInfo, name: string): Promise<Thing> {
  return client.get<Thing>(version, { namespace, name }, signal);
}

test('objects are read and written in either version and stored in one', async () => {
  const made = await make('a', V2, { length: 3 });
  assert.deepEqual([made.apiVersion, made.length, made.size], ['example.com/v2', 3, undefined]);
  const before = hook.reviews.length;
  assert.equal((await read(V1, 'a')).size, 3);
  assert.equal(hook.reviews.length, before, 'the stored version needs no webhook');
  assert.equal((await read(V2, 'a')).length, 3);
  await client.patch(V2, { namespace, name: 'a' }, 'merge', { length: 4 }, signal);
  assert.equal((await read(V1, 'a')).size, 4);
  await assert.rejects(client.patch(V2, { namespace, name: 'a' }, 'merge', { length: 0 }, signal), { code: 422 });
  const applied = { apiVersion: 'example.com/v2', kind: 'Thing', metadata: { name: 'a' }, length: 5 };
  const options = { fieldManager: 'me', force: true };
  await client.patch(V2, { namespace, name: 'a' }, 'apply', applied, signal, options);
  assert.equal((await read(V1, 'a')).size, 5);
});

test('a list is converted in one go, a watch event by event and in order', async () => {
  await client.deleteCollection(V1, { namespace }, signal);
  await make('a', V1, { size: 1 });
  await make('b', V1, { size: 2 });
  const before = hook.reviews.length;
  const list = await client.list<Thing>(V2, { namespace }, signal);
  assert.deepEqual(
    list.items.map(({ length }) => length),
    [1, 2],
  );
  assert.equal(hook.reviews.length, before + 1);
  const { resourceVersion = '' } = list.metadata;
  await client.patch(V1, { namespace, name: 'a' }, 'merge', { size: 10 }, signal);
  await client.patch(V1, { namespace, name: 'b' }, 'merge', { size: 20 }, signal);
  await client.delete(V1, { namespace, name: 'a' }, signal);
  const seen: unknown[] = [];
  for await (const { type, object } of client.watch<Thing>(V2, { namespace, resourceVersion }, signal)) {
    seen.push([type, object.metadata?.name, object.length, object.apiVersion]);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, [
    ['MODIFIED', 'a', 10, 'example.com/v2'],
    ['MODIFIED', 'b', 20, 'example.com/v2'],
    ['DELETED', 'a', 10, 'example.com/v2'],
  ]);
});

test('a converter that fails or breaks the rules is told of, and nothing is written', async () => {
  await make('kept', V1, { size: 1 });
  const about = (version: string): string => `conversion webhook for example.com/${version}, Kind=Thing`;
  const fails = async (message: string): Promise<void> => {
    await assert.rejects(read(V2, 'kept'), { code: 500, message: `${about('v1')} ${message}` });
  };
  hook.answer = () => ({ result: { status: 'Failure', message: 'cannot do it' } });
  await fails('failed: cannot do it');
  hook.answer = () => ({ convertedObjects: [], result: { status: 'Success' } });
  await fails('returned 0 objects, expected 1');
  hook.answer = (_review, response) => void response.writeHead(503).end();
  await fails('failed: the server is currently unable to handle the request');
  hook.answer = ({ request }) => ({ convertedObjects: request.objects, result: { status: 'Success' } });
  await fails(
    'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
  );
  hook.answer = () => ({ result: { status: 'Failure', message: 'not that one' } });
  await assert.rejects(make('new', V2, { length: 1 }), { message: `${about('v2')} failed: not that one` });
  await assert.rejects(read(V1, 'new'), { reason: 'NotFound' });
  const options = { namespace, resourceVersion: (await read(V1, 'kept')).metadata?.resourceVersion ?? '' };
  await client.patch(V1, { namespace, name: 'kept' }, 'merge', { size: 2 }, signal);
  const watched = client.watch(V2, options, signal)[Symbol.asyncIterator]();
  await assert.rejects(watched.next(), { message: `${about('v1')} failed: not that one` });
});

test('an admission webhook for one version sees writes of the other, converted', async () => {
  const seen = await startHookServer(() => ({ allowed: true }));
  const webhook = {
    name: 'things.example.com',
    clientConfig: seen.config,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    rules: [{ operations: ['CREATE'], apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['things'] }],
  };
  await client.create(VALIDATING, {}, { metadata: { name: 'things' }, webhooks: [webhook] }, signal);
  await make('admitted', V2, { length: 8 });
  const object = seen.reviews[0]?.request.object as Thing | undefined;
  assert.deepEqual([object?.apiVersion, object?.size], ['example.com/v1', 8]);
  await seen.close();
});
