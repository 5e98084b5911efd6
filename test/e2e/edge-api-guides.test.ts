/** The walk-throughs of KubeEdge's guides to the edge API, command by command, on the real process. In order. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { GO_CLIENT, kubectlPath } from '../support/kubectl.ts';
import { makeNodeImage, makeProgramImage } from '../support/program-image.ts';
import { makeImage, removeImage } from '../support/site-docker.ts';
import { freePorts, type Output, type Ports, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const BUSYBOX = 'edgesite-e2e/guides:1';
const APP = 'edgesite-e2e/in-cluster:1';
const GO_APP = 'edgesite-e2e/in-cluster-go:1';
const folder = await temporaryFolder();
const certs = await temporaryFolder();
const [third = 0, fourth = 0] = randomBytes(2);
/** Of this test alone: other sites on the machine have their own. */
const dummyAddress = `169.254.${third % 254}.${(fourth % 253) + 1}`;
let dummyPort: number;
let ports: Ports;
let site: SiteProcess;

before(async () => {
  ports = await freePorts();
  dummyPort = await freePort();
  await makeImage(BUSYBOX);
  await makeNodeImage(APP, 'test/e2e/programs/in-cluster.ts');
  await makeProgramImage(GO_APP, GO_CLIENT);
  // Quick start, step 3: name server and domain of pods.
  site = await start('edged.cluster-dns=169.254.96.16', 'edged.cluster-domain=cluster.local');
});

after(async () => {
  await site.stop();
  await runTool('scripts/uninstall.sh', ['--data-dir', folder.path, '--address', dummyAddress]);
  await Promise.all([BUSYBOX, APP, GO_APP].map((image) => removeImage(image)));
  await Promise.all([folder.remove(), certs.remove()]);
});

function start(...set: string[]): Promise<SiteProcess> {
  return SiteProcess.start({ dataDir: folder.path, ports, set: ['edged.stop-pods-on-exit=true', ...set] });
}

async function restart(...set: string[]): Promise<void> {
  await site.stop();
  const secured = ['featureGates.requireAuthorization=true', `metamanager.dummyServer=${dummyAddress}:${dummyPort}`];
  site = await start(...secured, ...set);
}

/** stdout of a program that succeeded. */
async function ok(output: Promise<Output>): Promise<string> {
  const { code, stdout, stderr } = await output;
  assert.equal(code, 0, stderr);
  return stdout;
}

const kubectl = (...args: string[]): Promise<string> => ok(site.kubectl(...args));
const curl = (...args: string[]): Promise<string> => ok(runTool('curl', ['--silent', '--show-error', ...args]));

async function run(name: string, spec: object, container: object): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [{ name, ...container }], ...spec },
  };
  await ok(runTool(kubectlPath('1.35'), ['--kubeconfig', site.kubeconfig, 'apply', '-f', '-'], JSON.stringify(pod)));
}

test('quick start: curl reads services, and pods resolve through EdgeMesh', async () => {
  const services = JSON.parse(await curl(`127.0.0.1:${ports.metaserver}/api/v1/services`)) as {
    kind: string;
    items: { metadata: { name: string } }[];
  };
  assert.equal(services.kind, 'ServiceList');
  assert.ok(services.items.some(({ metadata }) => metadata.name === 'kubernetes'));

  await run('resolver', {}, { image: BUSYBOX, command: ['cat', '/etc/resolv.conf'] });
  await kubectl('wait', 'pod/resolver', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s');
  const resolver = await kubectl('logs', 'resolver');
  assert.match(resolver, /^nameserver 169\.254\.96\.16$/m);
  assert.match(resolver, /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
});

test('security: certificates by certgen.sh, and the secret of them', async () => {
  const environment = [
    `K8SCA_PATH=${join(folder.path, 'pki')}`,
    'CA_PATH=./',
    'CERT_PATH=./',
    `ADDRESSES=127.0.0.1 ${dummyAddress}`,
  ];
  const script = join(process.cwd(), 'scripts/certgen.sh');
  await ok(runTool('env', ['--chdir', certs.path, ...environment, script, 'stream']));
  assert.deepEqual((await readdir(certs.path)).sort(), ['stream.crt', 'stream.key', 'streamCA.crt']);
  await rename(join(certs.path, 'streamCA.crt'), join(certs.path, 'rootCA.crt'));
  await rename(join(certs.path, 'stream.crt'), join(certs.path, 'server.crt'));
  await rename(join(certs.path, 'stream.key'), join(certs.path, 'server.key'));
  const files = ['rootCA.crt', 'server.crt', 'server.key'].map((name) => `--from-file=${join(certs.path, name)}`);
  const made = await kubectl('-n', 'kubeedge', 'create', 'secret', 'generic', 'metaserver-certs', ...files);
  assert.equal(made, 'secret/metaserver-certs created\n');
});

test('security: one-way and two-way authentication with curl', async () => {
  await restart(
    `metamanager.server=https://127.0.0.1:${ports.metaserver}`,
    `metamanager.tlsCaFile=${join(certs.path, 'rootCA.crt')}`,
    `metamanager.tlsCertFile=${join(certs.path, 'server.crt')}`,
    `metamanager.tlsPrivateKeyFile=${join(certs.path, 'server.key')}`,
  );
  await kubectl('create', 'serviceaccount', 'edgemesh-agent', '-n', 'kubeedge');
  await kubectl(
    'create',
    'clusterrole',
    'edgemesh-agent',
    '--verb=get,list,watch',
    '--resource=services,endpoints,namespaces',
  );
  await kubectl(
    'create',
    'clusterrolebinding',
    'edgemesh-agent',
    '--clusterrole=edgemesh-agent',
    '--serviceaccount=kubeedge:edgemesh-agent',
  );
  const token = (await kubectl('create', 'token', 'edgemesh-agent', '-n', 'kubeedge')).trim();
  const bearer = ['--header', `Authorization: Bearer ${token}`];
  const url = `https://127.0.0.1:${ports.metaserver}/api/v1`;

  // Method 1: insecureSkipTLSVerify and a token.
  assert.match(await curl('--insecure', ...bearer, `${url}/services`), /"kind":"ServiceList"/);
  // Method 2: rootCA.crt, server.crt and server.key of the secret, and the token.
  const [ca, cert, key] = ['rootCA.crt', 'server.crt', 'server.key'].map((name) => join(certs.path, name));
  const both = ['--cacert', ca ?? '', '--cert', cert ?? '', '--key', key ?? '', ...bearer];
  assert.match(await curl(...both, `${url}/services`), /"kind":"ServiceList"/);
  assert.match(await curl(...both, `https://${dummyAddress}:${dummyPort}/api/v1/endpoints`), /"kind":"EndpointsList"/);

  assert.match(await curl(...both, `${url}/secrets`), /cannot list resource \\"secrets\\".*"code":403/);
  assert.match(await curl('--insecure', `${url}/services`), /User \\"system:anonymous\\" cannot list.*"code":403/);
  assert.match(
    await curl('--insecure', ...bearer.slice(0, 1), 'Authorization: Bearer no', `${url}/services`),
    /"code":401/,
  );
  const unverified = await runTool('curl', ['--silent', ...bearer, `${url}/services`]);
  assert.equal(unverified.code, 60, 'curl does not know the authority of itself');
  const plain = await runTool('curl', ['--silent', `http://127.0.0.1:${ports.metaserver}/api/v1/services`]);
  assert.notEqual(plain.code, 0, 'no plain HTTP any more');
});

test('security: the site asks the API for its certificate where no files are configured', async () => {
  await restart();
  const csr = await kubectl('get', 'csr', '--no-headers');
  assert.match(
    csr,
    /^metaserver-csr-edge-node-\S+ +\S+ +kubernetes\.io\/kubelet-serving +system:node:edge-node +\S+ +Approved,Issued/m,
  );
});

test('in-cluster configuration: a program in a pod lists and watches, with and without the host network', async () => {
  await kubectl('create', 'serviceaccount', 'app');
  await kubectl('create', 'role', 'app', '--verb=list,watch', '--resource=pods,configmaps');
  await kubectl('create', 'rolebinding', 'app', '--role=app', '--serviceaccount=default:app');
  await kubectl('delete', 'pod', 'resolver', '--ignore-not-found');
  for (const hostNetwork of [false, true]) {
    const name = hostNetwork ? 'host-network' : 'pod-network';
    await run(name, { serviceAccountName: 'app', hostNetwork }, { image: APP });
    const told: Record<string, unknown> = {};
    for await (const line of logsOf(name)) {
      Object.assign(told, line);
      if ('event' in told) break;
      if (told['watching'] === true) await kubectl('create', 'configmap', 'greeting', '--from-literal=text=hello');
    }
    assert.equal(told['server'], `https://${dummyAddress}:${dummyPort}`);
    assert.equal(told['apiPort'], 'none');
    assert.deepEqual(told['pods'], [name]);
    assert.equal(told['secrets'], 403);
    assert.equal(told['event'], 'ADDED');
    assert.equal(told['name'], 'greeting');
    await kubectl('delete', 'pod', name, '--now');
    await kubectl('delete', 'configmap', 'greeting');
  }
});

test('in-cluster configuration: client-go in a pod lists and watches what its roles allow', async () => {
  const container = { image: GO_APP, args: ['pods', 'default'], stdin: true };
  await run('go-app', { serviceAccountName: 'app' }, container);
  const told: string[] = [];
  for await (const { step, value } of logsOf('go-app')) {
    told.push(`${String(step)} ${String(value)}`);
    if (step === 'pods') await run('late', {}, { image: BUSYBOX, command: ['true'] });
    if (value === 'late') break;
  }
  assert.equal(told[0], 'pods go-app');
  assert.equal(told.at(-1), 'ADDED late');
  await run('go-nobody', {}, container);
  for await (const { step, value } of logsOf('go-nobody', 'Succeeded'))
    assert.deepEqual({ step, value }, { step: 'refused', value: 'Forbidden' });
});

/** What the program in the pod says, a JSON object a line, for as long as somebody listens. */
async function* logsOf(pod: string, phase = 'Running'): AsyncGenerator<Record<string, unknown>> {
  await kubectl('wait', `pod/${pod}`, `--for=jsonpath={.status.phase}=${phase}`, '--timeout=60s');
  const follow = ['--kubeconfig', site.kubeconfig, 'logs', '--follow', pod];
  const logs = spawn(kubectlPath('1.35'), follow, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 });
  try {
    for await (const line of createInterface({ input: logs.stdout })) yield JSON.parse(line) as Record<string, unknown>;
  } finally {
    logs.kill();
  }
}

test('uninstalling takes away what the site made on the machine', async () => {
  assert.ok(Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === dummyAddress)));
  const running = await runTool('scripts/uninstall.sh', ['--data-dir', folder.path, '--address', dummyAddress]);
  assert.notEqual(running.code, 0);
  assert.match(running.stderr, /the site runs \(process \d+\): stop it first/);
  await site.stop();
  await ok(runTool('scripts/uninstall.sh', ['--data-dir', folder.path, '--address', dummyAddress, '--purge']));
  assert.ok(!Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === dummyAddress)));
  await assert.rejects(readdir(folder.path), { code: 'ENOENT' });
});
