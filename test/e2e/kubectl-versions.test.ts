/** Every kubectl from 1.20 to 1.35 against one real site: each walks the same path in a namespace of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { KUBECTL_VERSIONS, type KubectlVersion, kubectlPath } from '../support/kubectl.ts';
import { makeImage, removeImage, removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, type Output, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/versions:1';
const folder = await temporaryFolder();
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

/** One kubectl in one namespace. */
class Client {
  readonly version: KubectlVersion;
  readonly namespace: string;

  constructor(version: KubectlVersion) {
    this.version = version;
    this.namespace = `v${version.replace('.', '-')}`;
  }

  get #common(): string[] {
    return ['--kubeconfig', site.kubeconfig, '--namespace', this.namespace];
  }

  run(args: readonly string[], stdin?: string): Promise<Output> {
    return runTool(kubectlPath(this.version), [...this.#common, ...args], stdin);
  }

  /** stdout of a run that succeeded. */
  async ok(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin);
    assert.equal(code, 0, `kubectl ${this.version} ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Holds a port-forward open while `use` speaks with its local port. */
  async forwarded<T>(target: string, port: number, use: (local: number) => Promise<T>): Promise<T> {
    const child = spawn(kubectlPath(this.version), [...this.#common, 'port-forward', target, `:${port}`]);
    const ended = once(child, 'exit');
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const local = /^Forwarding from 127\.0\.0\.1:(\d+) -> /.exec(line)?.[1];
        if (local !== undefined) return await use(Number(local));
      }
      throw new Error(`kubectl ${this.version} port-forward ended without forwarding`);
    } finally {
      child.kill();
      await ended;
    }
  }
}

function deployment(replicas: number, greeting: string): string {
  const script = `echo ${greeting} > /tmp/index.html; echo ${greeting}; exec httpd -f -p 8080 -h /tmp`;
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'web', image: IMAGE, command: ['/bin/sh', '-c', script] }],
        },
      },
    },
  });
}

for (const version of KUBECTL_VERSIONS) {
  const client = new Client(version);

  describe(`kubectl ${version}`, () => {
    test('creates, applies and tells differences', async () => {
      await client.ok(['create', 'namespace', client.namespace]);
      assert.equal(await client.ok(['apply', '-f', '-'], deployment(1, 'one')), 'deployment.apps/web created\n');
      assert.equal(await client.ok(['apply', '-f', '-'], deployment(1, 'one')), 'deployment.apps/web unchanged\n');
      const differs = await client.run(['diff', '-f', '-'], deployment(2, 'one'));
      assert.equal(differs.code, 1, differs.stderr);
      assert.match(differs.stdout, /^-  replicas: 1\n\+  replicas: 2$/m);
      const applied = await client.ok(['apply', '--server-side', '--force-conflicts', '-f', '-'], deployment(1, 'one'));
      assert.equal(applied, 'deployment.apps/web serverside-applied\n');
    });

    test('waits, follows rollouts and undoes them', async () => {
      await client.ok(['wait', '--for=condition=Available', 'deployment/web', '--timeout=60s']);
      assert.equal(await client.ok(['apply', '-f', '-'], deployment(1, 'two')), 'deployment.apps/web configured\n');
      const followed = await client.ok(['rollout', 'status', 'deployment/web', '--timeout=60s']);
      assert.match(followed, /deployment "web" successfully rolled out/);
      assert.match(await client.ok(['rollout', 'history', 'deployment/web']), /^1 .*\n2 /m);
      await client.ok(['rollout', 'undo', 'deployment/web']);
      await client.ok(['rollout', 'status', 'deployment/web', '--timeout=60s']);
      await client.ok(['rollout', 'restart', 'deployment/web']);
      await client.ok(['rollout', 'status', 'deployment/web', '--timeout=60s']);
      await client.ok(['scale', 'deployment/web', '--replicas=1']);
    });

    test('gets, describes and explains', async () => {
      assert.match(await client.ok(['get', 'deployment', 'web']), /^web +1\/1 +1 +1 /m);
      assert.match(await client.ok(['get', 'all']), /^deployment\.apps\/web +1\/1/m);
      assert.match(await client.ok(['get', 'pods', '-o', 'wide']), /^web-\S+ +1\/1 +Running .* edge-node/m);
      assert.equal(await client.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}']), '1');
      assert.match(await client.ok(['describe', 'deployment', 'web']), /Replicas: +1 desired/);
      assert.match(await client.ok(['explain', 'deployment.spec.replicas']), /Number of desired pods/);
      assert.match(
        await client.ok(['explain', 'pod.spec', '--recursive']),
        /terminationGracePeriodSeconds\s*<integer>/,
      );
      assert.match(
        await client.ok(['api-resources', '--api-group=apps']),
        /^deployments +deploy +apps\/v1 +true +Deployment/m,
      );
    });

    test('shows what the node uses', async () => {
      assert.match(await client.ok(['top', 'node']), /^edge-node +\d+m +\d+% +\d+Mi +\d+% *$/m);
    });

    test('reads logs, runs commands and copies both ways', async () => {
      assert.equal(await client.ok(['logs', 'deployment/web']), 'one\n');
      const pod = (
        await client.ok(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}'])
      ).trim();
      assert.equal(await client.ok(['exec', '-i', pod, '--', 'cat'], 'through and back'), 'through and back');
      assert.equal((await client.run(['exec', pod, '--', 'sh', '-c', 'exit 7'])).code, 7);
      const [there, back] = ['there', 'back'].map((name) => join(folder.path, `${client.namespace}-${name}`));
      const text = `carried by kubectl ${version}\n`.repeat(10_000);
      await writeFile(there!, text);
      await client.ok(['cp', there!, `${pod}:/tmp/copied`]);
      await client.ok(['cp', `${pod}:/tmp/copied`, back!]);
      assert.equal(await readFile(back!, 'utf8'), text);
    });

    test('forwards a port', async () => {
      const page = await client.forwarded('deployment/web', 8080, async (local) => {
        const answer = await fetch(`http://127.0.0.1:${local}/`, { headers: { connection: 'close' } });
        return answer.text();
      });
      assert.equal(page, 'one\n');
    });

    test('makes a token and lists what its account may do', async () => {
      await client.ok(['create', 'serviceaccount', 'reader']);
      await client.ok([
        'create',
        'rolebinding',
        'reader',
        '--clusterrole=view',
        `--serviceaccount=${client.namespace}:reader`,
      ]);
      const path = `/api/v1/namespaces/${client.namespace}/serviceaccounts/reader/token`;
      const request = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
      const token =
        version === '1.20' // which has no `create token` yet
          ? (
              JSON.parse(await client.ok(['create', '--raw', path, '-f', '-'], request)) as {
                status: { token: string };
              }
            ).status.token
          : (await client.ok(['create', 'token', 'reader'])).trim();
      const config = join(folder.path, `${client.namespace}.kubeconfig`);
      await writeFile(config, '');
      const as = (...args: string[]) =>
        runTool(kubectlPath(version), [
          `--kubeconfig=${config}`,
          `--server=https://127.0.0.1:${site.options.ports.api}`,
          '--insecure-skip-tls-verify',
          `--token=${token}`,
          `--namespace=${client.namespace}`,
          ...args,
        ]);
      assert.match((await as('get', 'pods')).stdout, /^web-/m);
      assert.match((await as('get', 'secrets')).stderr, /Forbidden.*system:serviceaccount:\S+:reader/);
      assert.match((await as('auth', 'can-i', '--list')).stdout, /^pods\/log +\[\] +\[\] +\[get list watch\]/m);
      assert.equal((await as('auth', 'can-i', 'delete', 'pods')).stdout, 'no\n');
      assert.equal((await as('auth', 'can-i', 'list', 'pods.metrics.k8s.io')).stdout, 'yes\n');
    });

    test('deletes', async () => {
      assert.match(await client.ok(['delete', 'deployment/web', '--timeout=60s']), /^deployment\.apps "web" deleted/);
      await client.ok(['delete', 'namespace', client.namespace, '--timeout=60s']);
      assert.equal((await client.run(['get', 'namespace', client.namespace])).code, 1);
    });
  });
}
