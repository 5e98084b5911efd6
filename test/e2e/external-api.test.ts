/**
 * A site on somebody else's API server, and the two parted: what EdgeSite could not do (start without the API, bring
 * pods back, forget what was deleted meanwhile). The API server is a second edgesite that runs nothing else.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  containersRunning,
  killContainer,
  makeImage,
  removeImage,
  removeSiteFromDocker,
  siteContainers,
} from '../support/site-docker.ts';
import { kubectlPath } from '../support/kubectl.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/worker:1';
const cluster = await temporaryFolder();
const edge = await temporaryFolder();
let api: SiteProcess;
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE);
  const set = ['modules.enabled=[apiserver, controllers, workloads, scheduler]'];
  api = await SiteProcess.start({ dataDir: cluster.path, ports: await freePorts(), set });
  site = await SiteProcess.start({
    dataDir: edge.path,
    ports: await freePorts(),
    set: [`controller.kube.kubeconfig=${api.kubeconfig}`, 'edged.register-node=false'],
  });
});

after(async () => {
  await site.stop();
  await api.stop();
  await removeSiteFromDocker(edge.path);
  await removeImage(IMAGE);
  await Promise.all([cluster.remove(), edge.remove()]);
});

async function kubectl(args: string[], stdin?: string): Promise<string> {
  const output = await runTool(
    kubectlPath('1.35'),
    ['--kubeconfig', join(cluster.path, 'admin.kubeconfig'), ...args],
    stdin,
  );
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

function pod(name: string): string {
  const container = { name: 'main', image: IMAGE, command: ['/bin/sh', '-c', 'trap exit TERM; sleep 3600 & wait'] };
  const spec = { nodeName: 'edge-node', terminationGracePeriodSeconds: 1, containers: [container] };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
}

async function runningPods(): Promise<string[]> {
  return (await siteContainers(edge.path))
    .filter(({ running }) => running)
    .map(({ pod: name }) => name)
    .sort();
}

async function metaserver(path: string): Promise<Response> {
  return await fetch(`http://127.0.0.1:${site.options.ports.metaserver}${path}`);
}

test('with register-node false the node waits for node.json, then it is Ready', async () => {
  const { stdout } = await runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, 'get', 'nodes']);
  assert.equal(stdout, '');
  assert.equal(await kubectl(['apply', '-f', 'build/node.json']), 'node/edge-node created\n');
  await kubectl(['wait', '--for=condition=Ready', 'node/edge-node', '--timeout=30s']);
});

test('pods of the external API run on this node', async () => {
  for (const name of ['stays', 'goes']) await kubectl(['create', '-f', '-'], pod(name));
  await kubectl(['wait', '--for=condition=Ready', 'pod/stays', 'pod/goes', '--timeout=60s']);
  assert.deepEqual(await runningPods(), ['goes', 'stays']);
  assert.equal((await metaserver('/api/v1/namespaces/default/pods')).status, 200);
});

test('a pod deleted while the site is down is removed at its start, the other is adopted', async () => {
  const kept = (await siteContainers(edge.path)).find(({ pod: name }) => name === 'stays');
  await site.stop();
  await kubectl(['delete', 'pod', 'goes', '--force', '--grace-period=0']);
  site = await SiteProcess.start(site.options);
  await kubectl(['wait', '--for=condition=Ready', 'node/edge-node', '--timeout=30s']);
  await kubectl(['create', '-f', '-'], pod('later'));
  await kubectl(['wait', '--for=condition=Ready', 'pod/later', '--timeout=60s']);
  assert.deepEqual(await runningPods(), ['later', 'stays']);
  const now = (await siteContainers(edge.path)).find(({ pod: name }) => name === 'stays');
  assert.equal(now?.id, kept?.id);
});

test('without the API the site starts, brings pods back, and answers reads from the edge store', async () => {
  await site.stop();
  await api.stop();
  const [victim] = await siteContainers(edge.path);
  assert.ok(victim);
  await killContainer(victim.id);
  site = await SiteProcess.start(site.options);
  await containersRunning(edge.path, 2);
  assert.deepEqual(await runningPods(), ['later', 'stays']);

  const pods = await metaserver('/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName%3Dedge-node');
  assert.equal(pods.status, 200);
  const list = (await pods.json()) as { items: { metadata: { name: string } }[] };
  assert.deepEqual(list.items.map(({ metadata }) => metadata.name).sort(), ['later', 'stays']);
  const unseen = await metaserver('/apis/apps/v1/namespaces/default/statefulsets/x');
  assert.equal(unseen.status, 503);
  const write = await fetch(`http://127.0.0.1:${site.options.ports.metaserver}/api/v1/namespaces/default/pods/stays`, {
    method: 'DELETE',
  });
  assert.equal(write.status, 503);
});

test('when the API is back both sides agree again', async () => {
  api = await SiteProcess.start(api.options);
  await kubectl(['wait', '--for=condition=Ready', 'node/edge-node', '--timeout=60s']);
  await kubectl(['wait', '--for=condition=Ready', 'pod/stays', 'pod/later', '--timeout=60s']);
  await kubectl(['delete', 'pod', 'stays', 'later', '--timeout=60s']);
  assert.deepEqual(await siteContainers(edge.path), []);
});
