/** Clients that nobody here wrote against a real site: Debian's Python client, and informers across restarts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { GO_CLIENT } from '../support/kubectl.ts';
import { removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

/** Debian's own, whose packages hold the client. */
const PYTHON = '/usr/bin/python3';
const folder = await temporaryFolder();
let site: SiteProcess;

before(async () => {
  const set = ['modules.enabled=[apiserver, controllers, workloads]'];
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts(), set });
});

after(async () => {
  await site.stop();
  await removeSiteFromDocker(folder.path);
  await folder.remove();
});

/** What a client program has told, by step. */
function steps(stdout: string): Record<string, unknown> {
  const lines = stdout.trim().split('\n');
  const told = lines.map((line) => JSON.parse(line) as { step: string; value: unknown });
  return Object.fromEntries(told.map(({ step, value }) => [step, value]));
}

test('the Python client lists, pages, patches, watches and defines resources', async () => {
  const { code, stdout, stderr } = await runTool(PYTHON, ['test/e2e/clients/plant.py', site.kubeconfig]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(steps(stdout), {
    version: '1',
    pages: [
      ['gauge-0', 'gauge-1'],
      ['gauge-2', 'gauge-3', 'gauge-4'],
    ],
    remaining: null, // as ever with a selector
    patched: { unit: 'psi', kind: 'dial' },
    conflict: [409, 'Conflict'],
    missing: [404, 'NotFound'],
    watched: [
      ['MODIFIED', 'gauge-1'],
      ['DELETED', 'gauge-4'],
    ],
    strategy: '25%',
    scale: 2,
    custom: [['v1', true]],
    allowed: true,
  });
});

test('client-go speaks protobuf: typed clients, errors, a shared informer, leader election', async () => {
  const { code, stdout, stderr } = await runTool(GO_CLIENT, ['walk', site.kubeconfig]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(steps(stdout), {
    same: true,
    binary: 'AP8H',
    manager: 'go-client',
    patched: { unit: 'bar', kind: 'dial' },
    conflict: true,
    missing: true,
    invalid: true,
    listed: 1,
    surge: '25%',
    scale: 2,
    nodes: 0,
    informed: ['add gauge', 'update gauge', 'delete gauge'],
    leads: true,
  });
});

const byText = (a: string, b: string): number => a.localeCompare(b);

/** An informer of @kubernetes/client-node, and a way to wait for what it says. */
class Watched {
  readonly #informer;
  readonly #core: CoreV1Api;
  #changed = Promise.withResolvers<void>();
  #broken = Promise.withResolvers<void>();

  constructor(kubeconfig: string) {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    this.#core = config.makeApiClient(CoreV1Api);
    const list = () => this.#core.listNamespacedConfigMap({ namespace: 'default' });
    this.#informer = makeInformer(config, '/api/v1/namespaces/default/configmaps', list);
    this.#informer.on('change', () => this.#wake());
    this.#informer.on('delete', () => this.#wake());
    this.#informer.on('error', () => this.#broken.resolve());
  }

  start(): Promise<void> {
    this.#broken = Promise.withResolvers();
    return this.#informer.start();
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  /** Ends when the informer has lost its server. */
  broken(): Promise<void> {
    return this.#broken.promise;
  }

  write(name: string, value: string): Promise<V1ConfigMap> {
    return this.#core.createNamespacedConfigMap({
      namespace: 'default',
      body: { metadata: { name }, data: { value } },
    });
  }

  remove(name: string): Promise<unknown> {
    return this.#core.deleteNamespacedConfigMap({ namespace: 'default', name });
  }

  /** Ends when the cache holds exactly these values for the names that begin so. */
  async holds(prefix: string, expected: Readonly<Record<string, string>>): Promise<void> {
    const wanted = Object.entries(expected).map(String).toSorted(byText).join(' ');
    while (this.#cached(prefix) !== wanted) await this.#changed.promise;
  }

  #cached(prefix: string): string {
    const mine = this.#informer.list().filter(({ metadata }) => metadata?.name?.startsWith(prefix));
    const values = mine.map(({ metadata, data }) => `${metadata?.name},${data?.['value']}`);
    return values.toSorted(byText).join(' ');
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

test('an informer keeps a true copy across a restart and a kill of the site', { timeout: 120_000 }, async () => {
  const watched = new Watched(site.kubeconfig);
  await watched.start();
  await watched.write('seen-1', 'a');
  await watched.holds('seen-', { 'seen-1': 'a' });
  for (const [signal, name] of [
    ['SIGTERM', 'seen-2'],
    ['SIGKILL', 'seen-3'],
  ] as const) {
    const broken = watched.broken();
    await site.stop(signal);
    await broken;
    site = await SiteProcess.start(site.options);
    await watched.write(name, 'b');
    await watched.start();
    await watched.write(`${name}-live`, 'c');
    await watched.holds(name, { [name]: 'b', [`${name}-live`]: 'c' });
    await watched.remove(name);
    await watched.holds(name, { [`${name}-live`]: 'c' });
  }
  await watched.holds('seen-', { 'seen-1': 'a', 'seen-2-live': 'c', 'seen-3-live': 'c' });
  await watched.stop();
});
