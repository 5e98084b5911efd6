/** Real kubectl to a real container: every stream there is, by the API server and by whatever stands before it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import { builtIn } from '../../src/api/resources.ts';
import { backendDialer } from '../../src/apiserver/index.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { startApiServer, type TestApiServer } from '../support/api-server.ts';
import { childSays } from '../support/child-says.ts';
import { kubectlPath, type KubectlVersion } from '../support/kubectl.ts';
import { kubeletSite, type KubeletSite } from '../support/kubelet-site.ts';
import { testPki } from '../support/pki.ts';

const never = new AbortController().signal;
const limit = { timeout: 60_000 };
const SCRIPT = `echo started; echo "hello from the pod" >/tmp/index.html; httpd -p 127.0.0.1:8080 -h /tmp; httpd -p 9090 -h /tmp
while read line; do echo "got $line"; done; sleep 1000`;

/** Where kubectl is sent, by its own arguments. */
export interface StreamingTarget {
  readonly args: readonly string[];
  close(): Promise<void>;
}

let kubelet: KubeletSite;
let api: TestApiServer;
let target: StreamingTarget;

/** Makes the API know what runs on Docker. */
async function tell(client: KubeClient): Promise<void> {
  const nodes = builtIn('v1', 'nodes');
  const pods = builtIn('v1', 'pods');
  const address = { type: 'InternalIP', address: '127.0.0.1' };
  const nodeStatus = { addresses: [address], daemonEndpoints: { kubeletEndpoint: { Port: kubelet.server.port } } };
  await client.create(nodes, {}, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-node' } }, never);
  await client.patch(nodes, { name: 'edge-node', subresource: 'status' }, 'merge', { status: nodeStatus }, never);
  await client.create(
    builtIn('v1', 'serviceaccounts'),
    { namespace: 'default' },
    { metadata: { name: 'default' } },
    never,
  );
  const container = { image: 'busybox', name: 'main', stdin: true };
  const spec = { nodeName: 'edge-node', containers: [container, { ...container, name: 'late' }] };
  const target = { namespace: 'default', name: 'web' };
  const metadata = {
    name: 'web',
    labels: { app: 'web' },
    annotations: { 'kubectl.kubernetes.io/default-container': 'main' },
  };
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
  await client.create(pods, { namespace: 'default' }, pod, never);
  const status = { ...kubelet.pod.status, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await client.patch(pods, { ...target, subresource: 'status' }, 'merge', { status }, never);
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], version?: KubectlVersion): ChildProcess {
  return spawn(kubectlPath(version), [...target.args, ...args], {
    env: { ...process.env, KUBECONFIG: api.kubeconfig },
    stdio: 'pipe',
  });
}

async function kubectl(args: readonly string[], input: string | Buffer = '', version?: KubectlVersion): Promise<Ran> {
  const child = start(args, version);
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(input);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { code: code as number | null, stdout, stderr };
}

const refusals: readonly [args: readonly string[], stderr: string][] = [
  [
    ['logs', 'web', '-c', 'late'],
    'Error from server (BadRequest): container "late" in pod "web" is waiting to start: ContainerCreating\n',
  ],
  [['logs', 'web', '-c', 'none'], 'error: container none is not valid for pod web\n'],
  [
    ['logs', 'web', '--previous'],
    'Error from server (BadRequest): previous terminated container "main" in pod "web" not found\n',
  ],
  [['logs', 'none'], 'error: error from server (NotFound): pods "none" not found in namespace "default"\n'],
  [['exec', 'none', '--', 'ls'], 'Error from server (NotFound): pods "none" not found\n'],
  [['exec', 'web', '-c', 'late', '--', 'ls'], 'error: unable to upgrade connection: container not found ("late")\n'],
  [
    ['get', '--raw', '/api/v1/namespaces/default/pods/web/log'],
    'Error from server (BadRequest): a container name must be specified for pod web, choose one of: [main late]\n',
  ],
  [
    ['get', '--raw', '/api/v1/namespaces/default/pods/web/exec?command=ls&container=main'],
    'Error from server (BadRequest): Upgrade request required\n',
  ],
];

/** Registers the suite; `serve` puts before the API server what is to be tested. */
export function kubectlStreams(serve: (api: TestApiServer) => Promise<StreamingTarget>): void {
  before(async () => {
    kubelet = await kubeletSite({ command: ['sh', '-c', SCRIPT], stdin: true });
    const { authority, kubeletClient } = await testPki();
    api = await startApiServer({
      dialBackend: backendDialer({ authorityPem: authority.certPem, client: kubeletClient }, 'test'),
    });
    const transport = new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] });
    await tell(createKubeClient(transport));
    target = await serve(api);
  });
  after(async () => {
    await target.close();
    await api.close();
    await kubelet.close();
  });

  streams();
  logs();
  refused();
  proxies();
}

function streams(): void {
  for (const version of ['1.20', '1.35'] as const) {
    test(`kubectl ${version} exec: input, outputs, exit code`, limit, async () => {
      const input = Buffer.alloc(2_000_000, 'abc\n');
      const ran = await kubectl(['exec', '-i', 'web', '--', 'cat'], input, version);
      assert.equal(ran.stdout.length, input.length, ran.stderr);
      const failed = await kubectl(
        ['exec', 'web', '-c', 'main', '--', 'sh', '-c', 'echo out; echo err >&2; exit 5'],
        '',
        version,
      );
      assert.equal(failed.code, 5);
      assert.equal(failed.stdout, 'out\n');
      assert.equal(failed.stderr, 'err\ncommand terminated with exit code 5\n');
    });

    test(`kubectl ${version} port-forward`, limit, async () => {
      const child = start(['port-forward', 'pod/web', ':8080'], version);
      try {
        const port = Number(/127\.0\.0\.1:(\d+)/.exec(await childSays(child))?.[1]);
        for (let attempt = 0; attempt < 3; attempt += 1) {
          const socket = connect(port, '127.0.0.1');
          socket.write('GET / HTTP/1.0\r\n\r\n');
          assert.match((await buffer(socket)).toString(), /\r\n\r\nhello from the pod\n$/);
        }
      } finally {
        child.kill();
        await once(child, 'exit');
      }
    });

    test(`kubectl ${version} attach`, limit, async () => {
      const child = start(['attach', '-i', 'web'], version);
      child.stdin!.write(`from ${version}\n`);
      let seen = '';
      for await (const chunk of child.stdout!) {
        seen += String(chunk);
        if (seen.includes(`got from ${version}\n`)) break;
      }
      child.kill();
      assert.ok(seen.includes(`got from ${version}\n`));
    });
  }
}

function logs(): void {
  test('kubectl logs: whole, tail, follow', limit, async () => {
    const all = await kubectl(['logs', 'web']);
    assert.ok(all.stdout.startsWith('started\n'), all.stderr);
    assert.equal((await kubectl(['logs', 'web', '--tail=1', '--timestamps'])).stdout.split('\n').length, 2);
    const follow = start(['logs', '-f', '--tail=1', 'web']);
    // What has been printed before shows that it follows: what is written now comes after it.
    await childSays(follow);
    const attached = start(['attach', '-i', 'web']);
    attached.stdin!.write('for the log\n');
    assert.equal(await childSays(follow), 'got for the log');
    follow.kill();
    attached.kill();
  });

  test('kubectl cp, there and back', limit, async () => {
    const sent = await kubectl(['exec', '-i', 'web', '--', 'sh', '-c', 'cat >/tmp/file'], 'some bytes');
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal((await kubectl(['exec', 'web', '--', 'cat', '/tmp/file'])).stdout, 'some bytes');
  });
}

function refused(): void {
  for (const [args, stderr] of refusals) {
    test(`kubectl ${args.join(' ')} is refused as upstream does`, limit, async () => {
      const ran = await kubectl(args);
      assert.equal(ran.stderr, stderr);
      assert.equal(ran.code, 1);
    });
  }
}

function proxies(): void {
  test('the proxies reach pods and nodes', limit, async () => {
    const pod = await kubectl(['get', '--raw', '/api/v1/namespaces/default/pods/web:9090/proxy/index.html']);
    assert.equal(pod.stdout, 'hello from the pod\n', pod.stderr);
    assert.equal((await kubectl(['get', '--raw', '/api/v1/nodes/edge-node/proxy/healthz'])).stdout, 'ok');
    const summary = await kubectl(['get', '--raw', '/api/v1/nodes/edge-node/proxy/stats/summary']);
    assert.equal(JSON.parse(summary.stdout).node.nodeName, 'edge-node');
  });
}
