/** The README's main job on the real process, and what a user would see of it. Tests build on one another, in order. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import { makeImage, removeImage, removeSiteFromDocker, siteContainers } from '../support/site-docker.ts';
import { kubectlPath } from '../support/kubectl.ts';
import { freePort } from '../support/free-port.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/web:1';
const POD_ROW = /^nginx-deployment-\S+ +1\/1 +Running +0 +\S+ +\d+\.\d+\.\d+\.\d+ +edge-node/m;
const folder = await temporaryFolder();
const hostPort = await freePort();
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE);
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts() });
});

after(async () => {
  await site.stop();
  await removeSiteFromDocker(folder.path);
  await removeImage(IMAGE);
  await folder.remove();
});

/** stdout of a kubectl that succeeded. */
async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await site.kubectl(...args);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** The guide's deployment, with an image of this machine and a host port that is free here. */
async function writeDeployment(): Promise<string> {
  const guide = await readFile('build/deployment.yaml', 'utf8');
  const command = `image: ${IMAGE}\n          command: ["/bin/sh", "-c", "echo serving; exec httpd -f -p 80 -h /tmp"]`;
  const text = guide.replace('image: nginx:1.15.12', command).replace('hostPort: 80', `hostPort: ${hostPort}`);
  const path = join(folder.path, 'deployment.yaml');
  await writeFile(path, text);
  return path;
}

test('the node registers itself, node.json applies to it, and it is Ready', async () => {
  await kubectl('wait', '--for=condition=Ready', 'node/edge-node', '--timeout=30s');
  const applied = await site.kubectl('apply', '-f', 'build/node.json');
  assert.equal(applied.stdout, 'node/edge-node configured\n');
  const [, row = ''] = (await kubectl('get', 'nodes')).split('\n');
  assert.match(row, /^edge-node +Ready +edge +\S+ +v\d/);
});

test('what the site brings to its cluster is there', async () => {
  const objects = await kubectl(
    'get',
    'namespace/kubeedge',
    'serviceaccount/default',
    'configmap/kube-root-ca.crt',
    '-o',
    'name',
  );
  assert.equal(objects, 'namespace/kubeedge\nserviceaccount/default\nconfigmap/kube-root-ca.crt\n');
});

test('the deployment runs a pod in Docker, which answers on its host port', async () => {
  assert.equal(await kubectl('apply', '-f', await writeDeployment()), 'deployment.apps/nginx-deployment created\n');
  const rollout = await kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=60s');
  assert.match(rollout, /deployment "nginx-deployment" successfully rolled out/);
  assert.match(await kubectl('get', 'pods', '-o', 'wide'), POD_ROW);
  const running = (await siteContainers(folder.path)).filter((each) => each.running);
  assert.deepEqual(
    running.map(({ container }) => container),
    ['nginx'],
  );
  const answer = await fetch(`http://127.0.0.1:${hostPort}/`);
  assert.equal(answer.status, 404, 'the web server of the pod answers, with an empty folder');
});

test('logs, exec, describe, events and top-level listings show the pod', async () => {
  assert.equal(await kubectl('logs', 'deployment/nginx-deployment'), 'serving\n');
  assert.equal(await kubectl('exec', 'deployment/nginx-deployment', '--', 'echo', 'inside'), 'inside\n');
  const description = await kubectl('describe', 'deployment', 'nginx-deployment');
  assert.match(description, /Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable/);
  assert.match(await kubectl('events'), /Normal +Started +Pod\/nginx-deployment-/);
  assert.match(await kubectl('get', 'all'), /replicaset\.apps\/nginx-deployment-\S+ +1 +1 +1/);
});

test('the oldest kubectl works too', async () => {
  const old = (...args: string[]) => runTool(kubectlPath('1.20'), ['--kubeconfig', site.kubeconfig, ...args]);
  assert.match((await old('get', 'pods', '-o', 'wide')).stdout, POD_ROW);
  assert.equal((await old('exec', 'deployment/nginx-deployment', '--', 'echo', 'inside')).stdout, 'inside\n');
  const applied = await old('apply', '-f', join(folder.path, 'deployment.yaml'));
  assert.equal(applied.stdout, 'deployment.apps/nginx-deployment unchanged\n', applied.stderr);
});

test('scaling, labels, patches and waits reach the pods', async () => {
  await kubectl(
    'patch',
    'deployment',
    'nginx-deployment',
    '--type=json',
    '-p',
    '[{"op":"remove","path":"/spec/template/spec/containers/0/ports/0/hostPort"}]',
  );
  await kubectl('scale', 'deployment/nginx-deployment', '--replicas=2');
  await kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=60s');
  await kubectl('label', 'pods', '-l', 'app=nginx', 'seen=yes');
  const names = await kubectl('get', 'pods', '-l', 'seen=yes', '-o', 'name');
  assert.ok(names.trim().split('\n').length >= 2);
});

test('an edge application reads the cluster through the metaserver', async () => {
  const answer = await fetch(`http://127.0.0.1:${site.options.ports.metaserver}/api/v1/services`);
  const list = (await answer.json()) as { kind: string; items: { metadata: { name: string } }[] };
  assert.equal(list.kind, 'ServiceList');
  assert.deepEqual(
    list.items.map(({ metadata }) => metadata.name),
    ['kubernetes'],
  );
});

test("a device's twin update is answered by the site", async () => {
  const device = await connectAsync(`mqtt://127.0.0.1:${site.options.ports.mqtt}`, { clientId: 'pump' });
  const topic = '$hw/events/device/default/pump/twin/update';
  await device.subscribeAsync(`${topic}/result`, { qos: 1 });
  const answered = new Promise<string>((resolve) =>
    device.once('message', (_topic, payload) => resolve(String(payload))),
  );
  const twin = { flow: { actual: { value: '7' }, metadata: { type: 'int' } } };
  await device.publishAsync(topic, JSON.stringify({ event_id: 'e1', timestamp: 1, twin }), { qos: 1 });
  assert.match(await answered, /"event_id":"e1"/);
  await device.endAsync();
});

test('an image that cannot be had shows its reason, and undoing the rollout mends it', async () => {
  await kubectl('set', 'image', 'deployment/nginx-deployment', 'nginx=edgesite-e2e/absent:1');
  const reason = '{.status.containerStatuses[0].state.waiting.reason}';
  const revision = await kubectl(
    'get',
    'rs',
    '-o',
    'jsonpath={.items[?(@.spec.template.spec.containers[0].image=="edgesite-e2e/absent:1")].metadata.labels.pod-template-hash}',
  );
  const watching = ['wait', 'pod', '-l', `pod-template-hash=${revision}`, '--timeout=60s'];
  await kubectl(...watching, `--for=jsonpath=${reason}=ImagePullBackOff`);
  assert.match(await kubectl('events', '--types=Warning'), /Failed to pull image "edgesite-e2e\/absent:1"/);
  await kubectl('rollout', 'undo', 'deployment/nginx-deployment');
  await kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=60s');
});

test('what is malformed is refused in the words of a kube-apiserver, and nothing is stored', async () => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Bad_Name' }, data: { a: 'b' } };
  const refused = await runTool(
    kubectlPath('1.35'),
    ['--kubeconfig', site.kubeconfig, 'create', '-f', '-'],
    JSON.stringify(manifest),
  );
  assert.match(
    refused.stderr,
    /The ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
  );
  const unknown = { ...manifest, metadata: { name: 'good' }, datta: {} };
  const strict = await runTool(
    kubectlPath('1.35'),
    ['--kubeconfig', site.kubeconfig, 'create', '-f', '-'],
    JSON.stringify(unknown),
  );
  assert.match(strict.stderr, /strict decoding error: unknown field "datta"/);
  assert.doesNotMatch(await kubectl('get', 'configmaps', '-o', 'name'), /good|Bad_Name/);
});

test('after a restart the pods are adopted, not restarted', async () => {
  const before = await siteContainers(folder.path);
  assert.equal(await site.stop(), 0);
  const left = (await siteContainers(folder.path)).filter((each) => each.running);
  assert.ok(left.length >= 2, 'pods run on without the site');
  site = await SiteProcess.start(site.options);
  await kubectl('wait', '--for=condition=Ready', 'node/edge-node', '--timeout=30s');
  await kubectl('rollout', 'status', 'deployment/nginx-deployment', '--timeout=60s');
  const after = (await siteContainers(folder.path)).filter((each) => each.running);
  const known = new Set(before.map(({ id }) => id));
  assert.ok(
    after.every(({ id }) => known.has(id)),
    'no container was started anew',
  );
  assert.doesNotMatch(await kubectl('get', 'pods'), /[1-9]\d* \(\S+ ago\)/, 'no restarts are counted');
});

test('deleting the deployment takes its pods and containers away', async () => {
  await kubectl('delete', 'deployment', 'nginx-deployment', '--cascade=foreground', '--timeout=90s');
  await kubectl('wait', '--for=delete', 'pod', '-l', 'app=nginx', '--timeout=60s');
  assert.deepEqual(await siteContainers(folder.path), []);
});
