/**
 * Services on a site that was cut from its API and started anew: their rules and names come from the edge store. The API
 * server is a second edgesite that runs nothing else. Tests build on one another.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { makeImage, removeImage, removeSiteFromDocker, siteContainers } from '../support/site-docker.ts';
import { kubectlPath } from '../support/kubectl.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/services-offline:1';
/** curl tries this often, a second apart: rules and names come a moment after the site is ready. */
const TRIES = '40';
const cluster = await temporaryFolder();
const edge = await temporaryFolder();
let api: SiteProcess;
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE, ['/usr/bin/curl']);
  const set = [
    'modules.enabled=[apiserver, controllers, workloads, scheduler]',
    `apiserver.service-cluster-ip-range=10.99.${randomBytes(1)[0]}.0/24`,
  ];
  api = await SiteProcess.start({ dataDir: cluster.path, ports: await freePorts(), set });
  const kubeconfig = `controller.kube.kubeconfig=${api.kubeconfig}`;
  site = await SiteProcess.start({ dataDir: edge.path, ports: await freePorts(), set: [kubeconfig] });
});

after(async () => {
  await site.stop();
  await api.stop();
  await removeSiteFromDocker(edge.path);
  await removeImage(IMAGE);
  await Promise.all([cluster.remove(), edge.remove()]);
});

async function kubectl(...args: string[]): Promise<string> {
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', join(cluster.path, 'admin.kubeconfig'), ...args]);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

/** What the service answers to a pod of the site, asked through Docker: kubectl needs the API. */
async function answerInPod(): Promise<string> {
  const client = (await siteContainers(edge.path)).find(({ pod, running }) => pod === 'client' && running);
  const retries = ['--retry', TRIES, '--retry-delay', '1', '--retry-all-errors'];
  const curl = ['curl', '-sS', '-m', '5', ...retries, 'http://web.default/'];
  const { stdout } = await promisify(execFile)('docker', ['exec', client?.id ?? '', ...curl]);
  return stdout;
}

test('a service of an external API is reached by its name', async () => {
  const serve = ['sh', '-c', 'mkdir /www; echo served > /www/index.html; exec httpd -f -p 80 -h /www'];
  await kubectl('run', 'web', `--image=${IMAGE}`, '--port=80', '--expose', '--command', '--', ...serve);
  await kubectl('run', 'client', `--image=${IMAGE}`, '--command', '--', 'sleep', '3600');
  await kubectl('wait', 'pod/web', 'pod/client', '--for=condition=Ready', '--timeout=60s');
  assert.equal(await answerInPod(), 'served\n');
});

test('without the API a site that starts anew makes rules and names of what it knew', async () => {
  await site.stop();
  await api.stop();
  const siteId = (await readFile(join(edge.path, 'site-id'), 'utf8')).trim();
  execFileSync('scripts/uninstall.sh', ['--rules', siteId]); // as after a reboot
  site = await SiteProcess.start(site.options);
  assert.equal(await answerInPod(), 'served\n');
});
