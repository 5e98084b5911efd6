/** Services as their users meet them, on the real process: by name, by cluster IP, by node port. In order. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { curlHere } from '../support/curl.ts';
import { makeImage, removeImage, removeSiteFromDocker } from '../support/site-docker.ts';
import { freePort } from '../support/free-port.ts';
import { freePorts, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/curl:1';
const folder = await temporaryFolder();
const nodePort = await freePort();
// Of this test alone: programs on the machine reach the cluster IPs of whichever site comes first.
const range = `10.99.${randomBytes(1)[0]}.0/24`;
let site: SiteProcess;

const MANIFESTS = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: heads
  replicas: 2
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${IMAGE}
          command: [sh, -c, "mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www"]
          readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080, nodePort: ${nodePort}}]
---
apiVersion: v1
kind: Service
metadata: {name: heads}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: client, image: ${IMAGE}, command: [sleep, "3600"]}]
`;

before(async () => {
  await makeImage(IMAGE, ['/usr/bin/curl', '/usr/bin/getent']);
  const set = [
    `apiserver.service-cluster-ip-range=${range}`,
    `apiserver.service-node-port-range=${nodePort}-${nodePort}`,
  ];
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts(), set });
  const file = join(folder.path, 'services.yaml');
  await writeFile(file, MANIFESTS);
  await kubectl('apply', '-f', file);
  await kubectl('rollout', 'status', 'statefulset/web', '--timeout=60s');
  await kubectl('wait', 'pod/client', '--for=condition=Ready', '--timeout=60s');
  await kubectl('wait', 'endpointslice', '-l', 'kubernetes.io/service-name=web', '--for=jsonpath={.endpoints[1]}');
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

/** The rules follow what kubectl shows a moment later. */
const RETRIES = ['--retry', '20', '--retry-delay', '1', '--retry-all-errors'];
const getInClient = (url: string, ...more: string[]): Promise<string> =>
  inClient('curl', '-sS', '-m', '30', ...RETRIES, ...more, url);
const inClient = (...command: string[]): Promise<string> => kubectl('exec', 'client', '--', ...command);
const clusterIp = (name: string): Promise<string> => kubectl('get', 'svc', name, '-o', 'jsonpath={.spec.clusterIP}');

test('a pod reaches a service by its name, short or whole', async () => {
  for (const name of ['web', 'web.default', 'web.default.svc.cluster.local', 'alias']) {
    assert.match(await getInClient(`http://${name}/`), /^web-[01]\n$/);
  }
});

test('the pods behind a headless service have names of their own', async () => {
  for (const pod of ['web-0', 'web-1']) {
    assert.equal(await getInClient(`http://${pod}.heads:8080/`), `${pod}\n`);
  }
  const found = await inClient('getent', 'ahostsv4', 'heads');
  assert.equal(found.split('\n').filter((line) => line.includes('STREAM')).length, 2);
});

test('the API is found by its name, with a certificate for it', async () => {
  const credentials = '/var/run/secrets/kubernetes.io/serviceaccount';
  const url = 'https://kubernetes.default.svc/version';
  const answer = await getInClient(url, '--cacert', `${credentials}/ca.crt`);
  assert.match(answer, /"major": "1"/);
});

test('the machine reaches cluster IP and node port', async () => {
  assert.match(await curlHere(`http://${await clusterIp('web')}/`), /^web-[01]$/);
  const address = await kubectl('get', 'node', 'edge-node', '-o', 'jsonpath={.status.addresses[0].address}');
  assert.match(await curlHere(`http://${address}:${nodePort}/`), /^web-[01]$/);
});

test('a service without pods refuses at once, and a name that is not there is told so', async () => {
  const refused = await site.kubectl('exec', 'client', '--', 'curl', '-sS', '-m', '20', 'http://nobody/');
  assert.match(refused.stderr, /Connection refused|Couldn't connect|Could not connect/i);
  assert.match(refused.stderr, /exit code 7/);
  const absent = await site.kubectl('exec', 'client', '--', 'getent', 'hosts', 'absent');
  assert.match(absent.stderr, /exit code 2/);
});

test('the rules stay while the process is down, and uninstalling takes them away', async () => {
  const url = `http://${await clusterIp('web')}/`;
  await site.stop();
  assert.match(await curlHere(url), /^web-[01]$/);
  const siteId = (await readFile(join(folder.path, 'site-id'), 'utf8')).trim();
  const rules = (): boolean => execFileSync('iptables-save', { encoding: 'utf8' }).includes(`ES-${siteId}-`);
  assert.ok(rules());
  execFileSync('scripts/uninstall.sh', ['--data-dir', folder.path, '--address', '169.254.255.254']);
  assert.ok(!rules());
});
