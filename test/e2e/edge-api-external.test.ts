/**
 * A secured metaserver on somebody else's API server, and a reboot without it: KubeEdge's endpoint never comes back from
 * that. The API server is a second edgesite that runs nothing else.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { kubectlPath } from '../support/kubectl.ts';
import { removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const cluster = await temporaryFolder();
const edge = await temporaryFolder();
const edgePorts = await freePorts();
let api: SiteProcess;
let site: SiteProcess;

before(async () => {
  const set = ['modules.enabled=[apiserver, controllers]'];
  api = await SiteProcess.start({ dataDir: cluster.path, ports: await freePorts(), set });
});

after(async () => {
  await site.stop();
  await api.stop();
  await removeSiteFromDocker(edge.path);
  await Promise.all([cluster.remove(), edge.remove()]);
});

function startEdge(kubeconfig: string): Promise<SiteProcess> {
  const set = [
    `controller.kube.kubeconfig=${kubeconfig}`,
    'featureGates.requireAuthorization=true',
    'metamanager.dummyServer=',
  ];
  return SiteProcess.start({ dataDir: edge.path, ports: edgePorts, set });
}

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, ...args]);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** kubectl with a token against the metaserver, which it verifies by the authority of the cluster. */
function atEdge(token: string, ...args: string[]) {
  const server = ['--server', `https://127.0.0.1:${edgePorts.metaserver}`, '--token', token];
  const verified = ['--certificate-authority', join(cluster.path, 'pki/ca.crt'), '--kubeconfig', '/dev/null'];
  return runTool(kubectlPath('1.35'), [...server, ...verified, ...args]);
}

async function approvedRequest(): Promise<void> {
  let name: string | undefined;
  while (name === undefined) {
    const names = await kubectl('get', 'csr', '-o', 'name');
    name = names.split('\n').find((each) => each.includes('/metaserver-csr-'));
  }
  await kubectl('certificate', 'approve', name);
}

test('a person approves the certificate that the site asks for under the name of its kubeconfig', async () => {
  const starting = startEdge(api.kubeconfig);
  await approvedRequest();
  site = await starting;
});

test('tokens of the other cluster are good, in the name of their service accounts, and after a reboot without it', async () => {
  await kubectl('create', 'serviceaccount', 'app');
  await kubectl('create', 'role', 'app', '--verb=get,list', '--resource=configmaps');
  await kubectl('create', 'rolebinding', 'app', '--role=app', '--serviceaccount=default:app');
  await kubectl('create', 'configmap', 'recipe', '--from-literal=steps=3');
  const token = await kubectl('create', 'token', 'app');
  const read = ['get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}'];
  assert.match((await atEdge(token, ...read)).stdout, /\brecipe\b/);
  assert.match(
    (await atEdge(token, 'get', 'secrets')).stderr,
    /"system:serviceaccount:default:app" cannot list resource "secrets"/,
  );
  assert.equal(
    (await atEdge(token, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).stdout,
    'system:serviceaccount:default:app',
  );

  await api.stop();
  await site.stop('SIGKILL');
  site = await startEdge(api.kubeconfig);
  assert.match((await atEdge(token, ...read)).stdout, /\brecipe\b/);
  assert.match((await atEdge(token, 'get', 'secrets')).stderr, /cannot list resource "secrets"/);
  assert.match((await atEdge(`${token}x`, ...read)).stderr, /Unauthorized|logged in/);
});
