/** Our discovery documents against those of a real kube-apiserver. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApiResponse } from '../../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { oracleDiscovery, oracleDiscoveryFiles, withoutOracle } from '../../support/oracle.ts';

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly storageVersionHash?: string }[];
}

let api: TestApiServer;
before(async () => {
  api = await startApiServer();
});
after(() => api.close());

async function get(path: string, accept = 'application/json'): Promise<unknown> {
  const request = { method: 'GET', target: path, headers: { accept } };
  const caller = { name: 'admin', groups: ['system:masters'] };
  const response: ApiResponse = await api.server.handle(request, caller, AbortSignal.timeout(60_000));
  assert.equal(response.status, 200, path);
  assert.ok(response.body instanceof Uint8Array);
  return JSON.parse(Buffer.from(response.body).toString());
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** By name, without the hash of the stored form, which is upstream's own. */
function comparable(document: unknown): unknown {
  const { resources, ...rest } = document as ResourceList;
  if (resources === undefined) return rest;
  const entries = resources.map(({ storageVersionHash: _hash, ...resource }) => [resource.name, resource] as const);
  return { ...rest, resources: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

for (const file of oracleDiscoveryFiles()) {
  const path = `/${file.replace(/\.json$/, '').replaceAll('_', '/')}`;
  test(`${path} says what upstream's says`, { skip: withoutOracle }, async () => {
    assert.deepEqual(comparable(await get(path)), comparable(oracleDiscovery(file)));
  });
}

for (const [path, file] of [
  ['/api', 'aggregated_api.json'],
  ['/apis', 'aggregated_apis.json'],
] as const) {
  test(`the aggregated document of ${path} says what upstream's says`, { skip: withoutOracle }, async () => {
    assert.deepEqual(await get(path, AGGREGATED), oracleDiscovery(file));
  });
}
