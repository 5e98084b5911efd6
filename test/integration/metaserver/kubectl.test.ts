/** kubectl 1.35 and a program on client-go, pointed at the metaserver over a real API server, with and without it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type TestApiServer, startApiServer } from '../../support/api-server.ts';
import { GO_CLIENT, kubectlPath } from '../../support/kubectl.ts';
import type { Answer } from '../../support/meta-client.ts';
import { MetaOverApi } from '../../support/meta-over-api.ts';
import { type Output, runTool, temporaryFolder } from '../../support/site-process.ts';

const MANIFEST = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'gauge', labels: { plant: 'north' } },
  data: { unit: 'bar' },
});
const limit = { timeout: 60_000 };
const folder = await temporaryFolder();
let api: TestApiServer;
let meta: MetaOverApi;

before(async () => {
  api = await startApiServer();
  const rules = [{ group: '', resource: 'configmaps', verbs: ['*'] }] as const;
  meta = new MetaOverApi(api, { writes: { file: join(folder.path, 'writes.db'), rules } });
  await meta.server.start(new AbortController().signal);
});
after(async () => {
  await meta.server.close();
  await api.close();
  await folder.remove();
});

function kubectl(args: readonly string[], stdin?: string): Promise<Output> {
  const cache = join(folder.path, 'cache');
  const base = ['-s', meta.url, '--kubeconfig=/dev/null', `--cache-dir=${cache}`];
  return runTool(kubectlPath(), [...base, ...args], stdin);
}

/** Until the metaserver has noticed that the API is there. */
async function connected(): Promise<void> {
  let text = '';
  while (!text.includes('edgesite_metaserver_api_up 1')) ({ text } = await meta.client.ask('/edgesite/metrics'));
}

async function output(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

test('online: what kubectl can do with the API server it can do here', limit, async () => {
  assert.match(await output(['api-resources']), /configmaps +cm +v1 +true +ConfigMap/);
  assert.match(await output(['explain', 'configmap.data']), /FIELD: data <map\[string\]string>/);
  assert.match(await output(['version']), /Server Version: v1\.36/);
  assert.equal(await output(['apply', '-f', '-'], MANIFEST), 'configmap/gauge created\n');
  assert.equal(await output(['apply', '-f', '-'], MANIFEST), 'configmap/gauge unchanged\n');
  assert.match(
    await output(['apply', '--server-side', '--field-manager=other', '-f', '-'], MANIFEST),
    /serverside-applied/,
  );
  assert.match(await output(['get', 'cm', 'gauge']), /^NAME +DATA +AGE\ngauge +1 /);
  assert.equal(await output(['label', 'cm', 'gauge', 'floor=2']), 'configmap/gauge labeled\n');
  assert.equal(
    await output(['patch', 'cm', 'gauge', '--type=json', '-p', '[]']),
    'configmap/gauge patched (no change)\n',
  );
  assert.equal(await output(['get', 'cm', '-l', 'plant=north', '-o', 'name']), 'configmap/gauge\n');
  assert.equal(await output(['auth', 'can-i', 'delete', 'nodes']), 'yes\n');
  const deployment = ['create', 'deployment', 'web', '--image=nowhere/web:1'];
  assert.equal(await output(deployment), 'deployment.apps/web created\n');
  assert.equal(await output(['scale', 'deployment', 'web', '--replicas=3']), 'deployment.apps/web scaled\n');
  assert.match(await output(['get', 'all']), /deployment\.apps\/web +0\/3/);
  assert.equal(await output(['create', 'configmap', 'two']), 'configmap/two created\n');
  assert.match(await output(['delete', 'configmaps', '-l', 'plant=north']), /"gauge" deleted/);
  const raw = await meta.client.ask('/api/v1/namespaces/default/configmaps', {}, 'DELETE');
  assert.equal(raw.status, 200, 'a whole collection');
  assert.equal(raw.json.kind, 'ConfigMapList');
});

test('a watch by a field that cannot be selected is refused as the API server refuses it', limit, async () => {
  const all = await meta.client.watch('/api/v1/pods?watch=true');
  const wrong = await meta.client.ask('/api/v1/pods?watch=true&fieldSelector=spec.colour%3Dred');
  assert.deepEqual([wrong.status, wrong.json.message], [400, 'field label not supported: spec.colour']);
  const good = await meta.client.watch('/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dedge');
  assert.equal(good.status, 200);
  for (const each of [all, good]) each.close();
});

test('protobuf goes in and comes out as the API server has it', limit, async () => {
  const accept = 'application/vnd.kubernetes.protobuf';
  const body = await meta.client.ask('/api/v1/namespaces/default', { accept });
  assert.equal(body.headers['content-type'], accept);
  assert.ok(body.text.startsWith('k8s\0'));
  const both = await meta.client.ask('/api/v1/namespaces/default', { accept: `${accept},application/json` });
  assert.equal(both.json.kind, 'Namespace', 'where JSON will do, JSON is taken, because it can be kept');
});

test('a program on client-go works through it, in protobuf', limit, async () => {
  const kubeconfig = join(folder.path, 'go.kubeconfig');
  const cluster = `clusters: [{name: edge, cluster: {server: "${meta.url}"}}]`;
  const context = 'contexts: [{name: edge, context: {cluster: edge}}]\ncurrent-context: edge';
  writeFileSync(kubeconfig, `apiVersion: v1\nkind: Config\n${cluster}\n${context}\n`);
  const { code, stdout, stderr } = await runTool(GO_CLIENT, ['walk', kubeconfig]);
  assert.equal(code, 0, stderr);
  const lines = stdout.trim().split('\n');
  const steps = new Map(lines.map((line) => JSON.parse(line)).map(({ step, value }) => [step, value]));
  for (const step of ['same', 'conflict', 'missing', 'invalid']) assert.equal(steps.get(step), true, step);
  assert.equal(steps.get('listed'), 1);
});

test('offline: reads, listings and explanations go on, writes wait with a warning', limit, async () => {
  await output(['create', 'configmap', 'kept', '--from-literal=a=1']);
  for (const args of [
    ['get', 'cm'],
    ['get', 'cm', 'kept', '-o', 'yaml'],
    ['api-resources'],
    ['explain', 'cm'],
    ['version'],
  ])
    await output(args);
  meta.cut();
  assert.match(await output(['get', 'cm']), /^NAME +DATA +AGE\nkept +1 /);
  assert.match(await output(['get', 'cm', 'kept', '-o', 'yaml']), /a: "1"/);
  assert.match(await output(['api-resources']), /configmaps +cm/);
  assert.match(await output(['explain', 'cm']), /KIND: +ConfigMap/);
  assert.equal(
    (await kubectl(['get', 'cm', 'none'])).stderr,
    'Error from server (NotFound): configmaps "none" not found\n',
  );
  const unseen = await kubectl(['get', 'ingresses', '--request-timeout=20s']);
  assert.match(unseen.stderr, /the edge has never seen ingresses in full/);
  const made = await kubectl(['create', 'configmap', 'edge', '--from-literal=b=2']);
  assert.equal(made.stdout, 'configmap/edge created\n', made.stderr);
  assert.match(made.stderr, /^Warning: the API server is away/);
  assert.equal(await output(['label', 'cm', 'kept', 'seen=offline']), 'configmap/kept labeled\n');
  assert.equal(await output(['get', 'cm', '-l', 'seen=offline', '-o', 'name']), 'configmap/kept\n');
  assert.match(await output(['delete', 'cm', 'kept']), /^configmap "kept" deleted/);
  assert.equal(await output(['get', 'cm', '-o', 'name']), 'configmap/edge\n');
  assert.equal(await output(['apply', '-f', '-'], MANIFEST), 'configmap/gauge created\n');
  assert.match(await output(['patch', 'cm', 'gauge', '-p', '{"data":{"kind":"dial"}}']), /patched/);
  meta.mend();
  assert.equal(await output(['get', 'cm', 'gauge', '-o', 'jsonpath={.data}']), '{"kind":"dial","unit":"bar"}');
  assert.equal(
    await output(['wait', 'cm/edge', '--for=jsonpath={.data.b}=2', '--timeout=20s']),
    'configmap/edge condition met\n',
  );
});

test('what was deleted through it is not shown without the API', limit, async () => {
  const { ask } = meta.client;
  await connected();
  const json = { 'content-type': 'application/json' };
  const services = '/api/v1/namespaces/default/services';
  const secrets = '/api/v1/namespaces/default/secrets';
  const service = { metadata: { name: 'gone' }, spec: { ports: [{ port: 80 }] } };
  await ask(services, json, 'POST', JSON.stringify(service));
  for (const name of ['a', 'b']) await ask(secrets, json, 'POST', JSON.stringify({ metadata: { name } }));
  for (const path of [services, secrets]) assert.equal((await ask(path)).status, 200);
  assert.equal((await ask(`${services}/gone`, {}, 'DELETE')).status, 200);
  assert.equal((await ask(secrets, {}, 'DELETE')).status, 200);
  meta.cut();
  const names = (list: Answer): string[] =>
    list.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  assert.deepEqual(names(await ask(services)), ['kubernetes']);
  assert.deepEqual(names(await ask(secrets)), []);
});
