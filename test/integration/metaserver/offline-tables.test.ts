/** What kubectl prints without the API server is what it prints with it: built-in kinds and custom resources. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { requestInfo, type ResourceRequest, scopeOf } from '../../../src/metaserver/request-info.ts';
import { type TestApiServer, startApiServer } from '../../support/api-server.ts';
import { MetaOverApi } from '../../support/meta-over-api.ts';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const POD = {
  serviceAccountName: 'one',
  containers: [{ name: 'main', image: 'nginx:1', ports: [{ containerPort: 80 }] }],
};
const TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: POD };
const SELECTOR = { matchLabels: { app: 'web' } };

interface Sample {
  readonly collection: string;
  readonly body: object;
}

/** One object of each; the second Table shows the same to those who ask for it alone. */
const SAMPLES: readonly Sample[] = [
  sample('/api/v1/namespaces/default/serviceaccounts', 'v1', 'ServiceAccount', {}),
  sample('/api/v1/namespaces/default/pods', 'v1', 'Pod', { spec: POD }),
  sample('/api/v1/namespaces/default/services', 'v1', 'Service', { spec: { ports: [{ port: 80 }], type: 'NodePort' } }),
  sample('/api/v1/namespaces/default/configmaps', 'v1', 'ConfigMap', { data: { a: '1' } }),
  sample('/api/v1/namespaces/default/secrets', 'v1', 'Secret', { data: { a: 'MQ==' } }),
  sample('/api/v1/namespaces/default/persistentvolumeclaims', 'v1', 'PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  sample('/api/v1/nodes', 'v1', 'Node', { metadata: { name: 'one', labels: { 'node-role.kubernetes.io/edge': '' } } }),
  sample('/api/v1/namespaces', 'v1', 'Namespace', {}),
  sample('/apis/apps/v1/namespaces/default/deployments', 'apps/v1', 'Deployment', {
    spec: { selector: SELECTOR, template: TEMPLATE },
  }),
  sample('/apis/apps/v1/namespaces/default/replicasets', 'apps/v1', 'ReplicaSet', {
    spec: { selector: SELECTOR, template: TEMPLATE },
  }),
  sample('/apis/batch/v1/namespaces/default/cronjobs', 'batch/v1', 'CronJob', {
    spec: {
      schedule: '*/5 * * * *',
      jobTemplate: { spec: { template: { spec: { ...POD, restartPolicy: 'Never' } } } },
    },
  }),
  sample('/apis/networking.k8s.io/v1/namespaces/default/ingresses', 'networking.k8s.io/v1', 'Ingress', {
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  }),
  sample('/apis/rbac.authorization.k8s.io/v1/clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', {
    rules: [],
  }),
  sample('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', 'discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    ports: [{ port: 80 }],
    endpoints: [{ addresses: ['192.0.2.7'] }],
  }),
  sample('/apis/storage.k8s.io/v1/storageclasses', 'storage.k8s.io/v1', 'StorageClass', { provisioner: 'edge/none' }),
  sample('/apis/example.com/v1/namespaces/default/gauges', 'example.com/v1', 'Gauge', {
    spec: { unit: 'bar', limits: [{ max: 7 }, { max: 9 }] },
    status: { ok: true, seen: '2026-01-01T00:00:00Z' },
  }),
  sample('/apis/example.com/v2/namespaces/default/gauges', 'example.com/v2', 'Gauge', {}),
];

const COLUMNS = [
  { name: 'Unit', type: 'string', jsonPath: '.spec.unit', description: 'What it measures.' },
  { name: 'Max', type: 'integer', jsonPath: '.spec.limits[*].max' },
  { name: 'OK', type: 'boolean', jsonPath: '.status.ok' },
  { name: 'Seen', type: 'date', jsonPath: '.status.seen', priority: 1 },
  { name: 'None', type: 'number', jsonPath: '.spec.absent', format: 'double' },
];
const SCHEMA = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gauges.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gauges', singular: 'gauge', kind: 'Gauge', listKind: 'GaugeList' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: SCHEMA, additionalPrinterColumns: COLUMNS },
      { name: 'v2', served: true, storage: false, schema: SCHEMA },
    ],
  },
};

function sample(collection: string, apiVersion: string, kind: string, content: object): Sample {
  return { collection, body: { apiVersion, kind, metadata: { name: 'one' }, ...content } };
}

/** Ages are compared too: this clock stands. */
const frozen = { ...systemClock, now: () => 1_800_000_000_000 };
let api: TestApiServer;
let meta: MetaOverApi;
const started = new AbortController().signal;

async function post(collection: string, body: object): Promise<number> {
  const { status } = await meta.client.ask(
    collection,
    { 'content-type': 'application/json' },
    'POST',
    JSON.stringify(body),
  );
  return status;
}

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function isEstablished({ status }: Definition): boolean {
  return status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') === true;
}

before(async () => {
  api = await startApiServer({ clock: frozen });
  meta = new MetaOverApi(api, {}, frozen);
  await meta.server.start(started);
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  assert.equal(await post(crds, DEFINITION), 201);
  const watch = await meta.client.watch(`${crds}?watch=true&fieldSelector=metadata.name=gauges.example.com`);
  for (let established = false; !established; ) established = isEstablished((await watch.next()).object);
  watch.close();
});

after(async () => {
  await meta.server.close();
  await api.close();
});

test('offline Tables are the online ones, in lists and of single objects', { timeout: 60_000 }, async () => {
  const online = new Map<string, object>();
  for (const { collection, body } of SAMPLES) {
    const status = await post(collection, body);
    assert.ok(status === 201 || (status === 409 && collection.includes('v2')), `${collection}: ${status}`);
    for (const target of targetsOf(collection)) {
      const { json } = await meta.client.ask(target, TABLE);
      assert.equal(json.kind, 'Table', target);
      assert.ok(json.rows.length > 0, target);
      online.set(target, json);
    }
  }
  // What passes as a Table is kept by a read of its own.
  while (!isKept()) await setImmediate();
  meta.cut();
  for (const [target, expected] of online) {
    const { json, headers } = await meta.client.ask(target, TABLE);
    assert.equal(headers['x-edgesite-source'], 'edge-store', target);
    // A list is as old as the last time that it was kept.
    assert.match(json.metadata.resourceVersion, /^\d+$/, target);
    assert.deepEqual({ ...json, metadata: {} }, { ...expected, metadata: {} }, target);
  }
  const bad = await meta.client.ask('/api/v1/namespaces?includeObject=Some', TABLE);
  assert.equal(bad.status, 400);
});

/** Whether every collection is, and what says how custom resources are shown. */
function isKept(): boolean {
  const definitions = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' };
  const lists = SAMPLES.map(({ collection }) => scopeOf(requestInfo('GET', collection) as ResourceRequest));
  return (
    meta.store.get(definitions, '', 'gauges.example.com') !== undefined &&
    lists.every((scope) => meta.store.knowledge(scope) !== undefined)
  );
}

function targetsOf(collection: string): string[] {
  return [collection, `${collection}?includeObject=None`, `${collection}?includeObject=Object`, `${collection}/one`];
}
