/** What a Go client asks for: protobuf in and out, frames in watches, JSON where there is no protobuf form. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { JsonObject } from '../../../src/api/json.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { protobufToJson, toProtobuf } from '../../../src/apiserver/protobuf/index.ts';
import { asBytes, asText, fieldsOf } from '../../../src/apiserver/protobuf/codec.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ApiResponse, createKubeClient, InProcessTransport } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';

const api = await startApiServer();
after(() => api.close());
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ADMIN = { name: 'admin', groups: ['system:masters'] };
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface Sent {
  readonly accept?: string;
  readonly type?: string;
  readonly body?: object | Uint8Array;
  readonly signal?: AbortSignal;
}

async function send(
  method: string,
  target: string,
  { accept = PROTOBUF, type = PROTOBUF, body, signal }: Sent = {},
): Promise<ApiResponse> {
  const bytes =
    body === undefined || body instanceof Uint8Array
      ? body
      : type === PROTOBUF
        ? toProtobuf(body)
        : Buffer.from(JSON.stringify(body));
  const headers = { accept, 'content-type': type, 'user-agent': 'test' };
  const request = { method, target, headers, ...(bytes === undefined ? {} : { body: bytes }) };
  return await api.server.handle(request, ADMIN, signal ?? new AbortController().signal);
}

function whole({ body }: ApiResponse): Uint8Array {
  assert.ok(body instanceof Uint8Array);
  return body;
}

function decoded(answer: ApiResponse): KubeObject {
  assert.equal(answer.headers['content-type'], PROTOBUF);
  return JSON.parse(protobufToJson(whole(answer)).toString()) as KubeObject;
}

function configMap(name: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: 'ö' } };
}

test('objects are made, read, listed and deleted in protobuf, and are the same in JSON', async () => {
  const made = await send('POST', CONFIG_MAPS, { body: configMap('one') });
  assert.equal(made.status, 201);
  const json = await send('GET', `${CONFIG_MAPS}/one`, { accept: 'application/json' });
  const object = JSON.parse(Buffer.from(whole(json)).toString()) as JsonObject;
  assert.deepEqual(decoded(made), object);
  assert.deepEqual(decoded(await send('GET', `${CONFIG_MAPS}/one`)), object);
  const list = decoded(await send('GET', CONFIG_MAPS));
  assert.equal(list['kind'], 'ConfigMapList');
  const { apiVersion: _apiVersion, kind: _kind, ...item } = object;
  assert.deepEqual(list['items'], [item]);
  const metadata = decoded(
    await send('GET', CONFIG_MAPS, { accept: `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` }),
  );
  assert.deepEqual(metadata, {
    ...list,
    apiVersion: 'meta.k8s.io/v1',
    kind: 'PartialObjectMetadataList',
    items: [{ metadata: item['metadata'] }],
  });
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' };
  const gone = decoded(await send('DELETE', `${CONFIG_MAPS}/one`, { body: options }));
  assert.equal(gone['status'], 'Success');
  const missing = await send('GET', `${CONFIG_MAPS}/one`);
  assert.equal(missing.status, 404);
  assert.equal(decoded(missing)['message'], 'configmaps "one" not found');
});

test('the envelope is, byte for byte, the one of apimachinery', async () => {
  await send('POST', CONFIG_MAPS, { body: configMap('bytes') });
  const body = Buffer.from(whole(await send('GET', `${CONFIG_MAPS}/bytes`)));
  // Magic, then TypeMeta { apiVersion: "v1", kind: "ConfigMap" } in field 1.
  assert.equal(body.subarray(0, 21).toString('hex'), '6b3873000a0f0a0276311209436f6e6669674d6170');
  // ContentEncoding and ContentType, both empty and both written.
  assert.equal(body.subarray(-4).toString('hex'), '1a002200');
});

test('a watch sends WatchEvents behind their lengths', async () => {
  const over = new AbortController();
  const accept = `${PROTOBUF};stream=watch`;
  const answer = await send(
    'GET',
    `${CONFIG_MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    { accept, signal: over.signal },
  );
  assert.equal(answer.headers['content-type'], accept);
  const { body } = answer;
  assert.ok(!(body instanceof Uint8Array));
  await send('POST', CONFIG_MAPS, { body: configMap('watched') });
  const seen: string[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const event = fieldsOf(rest.subarray(4, 4 + rest.readUInt32BE()));
      rest = rest.subarray(4 + rest.readUInt32BE());
      const raw = asBytes(fieldsOf(asBytes(event.get(2))).get(1));
      const object = JSON.parse(protobufToJson(raw).toString()) as { kind: string; metadata: { name?: string } };
      seen.push([asText(event.get(1)), object.kind, object.metadata.name ?? ''].join(' '));
    }
    if (seen.includes('ADDED ConfigMap watched')) over.abort();
  }
  assert.deepEqual(seen, ['ADDED ConfigMap bytes', 'BOOKMARK ConfigMap ', 'ADDED ConfigMap watched']);
});

test('every built-in resource lists in protobuf', async () => {
  for (const root of ['/api', '/apis']) {
    const accept = `${PROTOBUF};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`;
    const answer = await send('GET', root, { accept });
    assert.equal(answer.headers['content-type'], accept);
    const groups = JSON.parse(protobufToJson(whole(answer)).toString()) as Aggregated;
    for (const { metadata, versions } of groups.items) {
      for (const { version, resources } of versions) {
        const base = metadata.name === undefined ? `/api/${version}` : `/apis/${metadata.name}/${version}`;
        assert.equal(decoded(await send('GET', base))['kind'], 'APIResourceList');
        for (const { resource } of resources.filter((each) => each.verbs.includes('list'))) {
          const list = await send('GET', `${base}/${resource}`);
          assert.equal(list.status, 200, `${base}/${resource}`);
          assert.match(decoded(list).kind ?? '', /List$/);
        }
      }
    }
  }
});

interface Aggregated {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly { readonly resource: string; readonly verbs: readonly string[] }[];
    }[];
  }[];
}

test('what has no protobuf form comes as JSON where the client takes it, and is refused where it does not', async () => {
  const table = ';as=Table;g=meta.k8s.io;v=v1';
  const refused = await send('GET', CONFIG_MAPS, { accept: PROTOBUF + table });
  assert.equal(refused.status, 406);
  const fallback = await send('GET', CONFIG_MAPS, { accept: `${PROTOBUF}${table},application/json${table}` });
  assert.equal(fallback.headers['content-type'], 'application/json');
  assert.equal((await send('GET', CONFIG_MAPS, { accept: 'application/cbor' })).status, 406);
  assert.equal((await send('POST', CONFIG_MAPS, { type: 'application/cbor', body: configMap('c') })).status, 415);
  const better = await send('GET', CONFIG_MAPS, { accept: `application/json;q=0.5,${PROTOBUF};q=0.9` });
  assert.equal(better.headers['content-type'], PROTOBUF);
});

async function established(name: string): Promise<void> {
  const definitions = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
  const client = createKubeClient(new InProcessTransport(api.server, ADMIN));
  for await (const { object } of client.watch(definitions, { resourceVersion: '0' }, new AbortController().signal)) {
    if (object.metadata?.name === name && JSON.stringify(object['status']).includes('"Established","status":"True"'))
      return;
  }
}

test('custom resources are JSON, their metadata may be protobuf', async () => {
  const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' };
  const open = { type: 'object', additionalProperties: true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open } } };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  const spec = { group: 'wire.example.com', names, scope: 'Cluster', versions };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.wire.example.com' },
    spec,
  };
  const made = decoded(
    await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: definition }),
  );
  assert.deepEqual((made['spec'] as JsonObject)['versions'], versions);
  await established('things.wire.example.com');
  const things = '/apis/wire.example.com/v1/things';
  const thing = { apiVersion: 'wire.example.com/v1', kind: 'Thing', metadata: { name: 'a' } };
  assert.equal(
    (await send('POST', things, { type: 'application/json', body: thing, accept: `${PROTOBUF},application/json` }))
      .headers['content-type'],
    'application/json',
  );
  assert.equal((await send('GET', things)).status, 406);
  assert.equal((await send('POST', things, { body: Buffer.from('k8s\0'), accept: 'application/json' })).status, 415);
  const metadata = decoded(
    await send('GET', `${things}/a`, { accept: `${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1` }),
  );
  assert.equal(metadata['kind'], 'PartialObjectMetadata');
});
