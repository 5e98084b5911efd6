/**
 * `kubectl logs`, `exec` and `port-forward` through somebody else's API server, which verifies the agent's certificate by
 * its own authority. The API server is a second edgesite that runs nothing else.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { makeCertificateRequest, makeTlsKey, renderKubeconfig } from '../../src/pki/index.ts';
import { childSays } from '../support/child-says.ts';
import { kubectlPath } from '../support/kubectl.ts';
import { makeImage, removeImage, removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, type Output, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/talker:1';
const WAIT_MS = 30_000;
const SERVING = 'kubernetes.io/kubelet-serving';
const cluster = await temporaryFolder();
const edge = await temporaryFolder();
const edgePorts = await freePorts();
let api: SiteProcess;
let site: SiteProcess;
let authority: X509Certificate;

before(async () => {
  await makeImage(IMAGE);
  const set = ['modules.enabled=[apiserver, controllers, metrics]'];
  api = await SiteProcess.start({ dataDir: cluster.path, ports: await freePorts(), set });
  authority = new X509Certificate(await readFile(join(cluster.path, 'pki/ca.crt')));
  site = await startEdge(api.kubeconfig);
});

after(async () => {
  await site.stop();
  await api.stop();
  await removeSiteFromDocker(edge.path);
  await removeImage(IMAGE);
  await Promise.all([cluster.remove(), edge.remove()]);
});

function startEdge(kubeconfig: string): Promise<SiteProcess> {
  const set = [`controller.kube.kubeconfig=${kubeconfig}`, 'modules.enabled=[edged]'];
  return SiteProcess.start({ dataDir: edge.path, ports: edgePorts, set });
}

function run(args: string[], stdin?: string): Promise<Output> {
  return runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, ...args], stdin);
}

async function kubectl(args: string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await run(args, stdin);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function requestsFor(signer: string): Promise<string[]> {
  const names = await kubectl([
    'get',
    'csr',
    '-o',
    `jsonpath={.items[?(@.spec.signerName=='${signer}')].metadata.name}`,
  ]);
  return names.split(' ').filter((name) => name !== '');
}

/** What the agent shows to who connects now. */
async function shown(): Promise<X509Certificate> {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const socket = connect({ host: '127.0.0.1', port: edgePorts.kubelet, rejectUnauthorized: false });
  socket.once('error', reject);
  socket.once('secureConnect', () => resolve(new X509Certificate(socket.getPeerX509Certificate()!.raw)));
  return await promise.finally(() => socket.destroy());
}

async function signedByCluster(): Promise<X509Certificate> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
    const certificate = await shown();
    if (certificate.verify(authority.publicKey)) return certificate;
  }
  throw new Error(`the agent shows no certificate of the cluster:\n${site.lines.join('\n')}`);
}

async function assertReachable(): Promise<void> {
  assert.equal(await kubectl(['logs', 'talker']), 'hello from the edge');
  assert.equal(await kubectl(['exec', '-i', 'talker', '--', 'cat'], 'through and back'), 'through and back');
  assert.match(await throughForward('/passwd'), /^root:/);
  assert.match(await kubectl(['top', 'pod', 'talker', '--no-headers']), /^talker +\d+m +\d+Mi$/);
}

async function throughForward(path: string): Promise<string> {
  const child = spawn(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, 'port-forward', 'pod/talker', ':8080']);
  try {
    const port = /127\.0\.0\.1:(\d+)/.exec(await childSays(child))?.[1];
    return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  } finally {
    child.kill();
  }
}

test('until the cluster signs, the agent shows its own certificate, which the API server refuses', async () => {
  const container = {
    name: 'main',
    image: IMAGE,
    command: ['/bin/sh', '-c', 'echo hello from the edge; httpd -f -p 8080 -h /etc'],
  };
  const spec = { nodeName: 'edge-node', terminationGracePeriodSeconds: 0, containers: [container] };
  await kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'talker' }, spec }),
  );
  await kubectl(['wait', '--for=condition=Ready', 'pod/talker', '--timeout=60s']);
  assert.equal((await shown()).verify(authority.publicKey), false);
  assert.match((await run(['logs', 'talker'])).stderr, /certificate/i);
});

test('a person approves its request, and logs, exec and port-forward pass without a restart', async () => {
  const [name = ''] = await requestsFor(SERVING);
  assert.match(name, /^edged-csr-edge-node-/);
  await kubectl(['certificate', 'approve', name]);
  const certificate = await signedByCluster();
  assert.equal(certificate.subject, 'O=system:nodes\nCN=system:node:edge-node');
  const [address = ''] = (
    await kubectl(['get', 'node', 'edge-node', '-o', 'jsonpath={.status.addresses[0].address}'])
  ).split(' ');
  assert.equal(certificate.checkIP(address), address);
  assert.equal(certificate.checkHost('edge-node'), 'edge-node');
  await assertReachable();
});

test('the agent lets in whom the cluster grants its node, as the API server of kubeadm', async () => {
  const { certPem: cert, keyPem: key } = await clientCertificate(
    'kubeadm',
    'kube-apiserver-client',
    'kubeadm:cluster-admins',
    'kube-apiserver-kubelet-client',
  );
  const logs = async (): Promise<IncomingMessage> => {
    const options = {
      cert,
      key,
      ca: authority.toString(),
      port: edgePorts.kubelet,
      servername: 'edge-node',
      agent: false,
    };
    const request = get({ ...options, path: '/containerLogs/default/talker/main' });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  assert.equal((await logs()).resume().statusCode, 403);
  const grant = ['--clusterrole=system:kubelet-api-admin', '--group=kubeadm:cluster-admins'];
  await kubectl(['create', 'clusterrolebinding', 'kubeadm', ...grant]);
  const allowed = await logs();
  assert.equal(allowed.statusCode, 200);
  assert.equal((await text(allowed)).trim(), 'hello from the edge');
});

test('after a restart without the API the same certificate serves', async () => {
  const before = await shown();
  await site.stop();
  await api.stop();
  site = await startEdge(api.kubeconfig);
  assert.equal((await signedByCluster()).fingerprint256, before.fingerprint256);
  api = await SiteProcess.start(api.options);
  await kubectl(['wait', '--for=condition=Ready', 'pod/talker', '--timeout=60s']);
  await assertReachable();
});

test('under the name of its node nobody need approve', async () => {
  await site.stop();
  await rm(join(edge.path, 'pki/edged.pem'));
  site = await startEdge(await kubeconfigOfNode());
  await signedByCluster();
  await assertReachable();
});

/** Signed by the cluster, with a person to approve it. */
async function clientCertificate(name: string, signer: string, organization: string, commonName: string) {
  const keyPem = await makeTlsKey();
  const subject = { commonName, organizations: [organization], hosts: [] };
  const request = Buffer.from(makeCertificateRequest(keyPem, subject)).toString('base64');
  const spec = { request, signerName: `kubernetes.io/${signer}`, usages: ['digital signature', 'client auth'] };
  const csr = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec };
  await kubectl(['create', '-f', '-'], JSON.stringify(csr));
  await kubectl(['certificate', 'approve', name]);
  await kubectl(['wait', `csr/${name}`, '--for=jsonpath={.status.certificate}', '--timeout=30s']);
  const certificate = await kubectl(['get', 'csr', name, '-o', 'jsonpath={.status.certificate}']);
  return { certPem: Buffer.from(certificate, 'base64').toString(), keyPem };
}

async function kubeconfigOfNode(): Promise<string> {
  const signer = 'kube-apiserver-client-kubelet';
  const pair = await clientCertificate('node', signer, 'system:nodes', 'system:node:edge-node');
  const path = join(edge.path, 'node.kubeconfig');
  const server = `https://127.0.0.1:${api.options.ports.api}`;
  const kubeconfig = renderKubeconfig({ server, authorityPem: authority.toString(), userName: 'edge-node', ...pair });
  await writeFile(path, kubeconfig, { mode: 0o600 });
  return path;
}
