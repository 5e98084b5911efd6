/** A process that is killed comes back whole, and one that was told so takes its pods with it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kubectlPath } from '../support/kubectl.ts';
import {
  containersRunning,
  killContainer,
  makeImage,
  removeImage,
  removeSiteFromDocker,
  siteContainers,
} from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/power:1';
const folder = await temporaryFolder();
let site: SiteProcess;

before(async () => {
  await makeImage(IMAGE);
  const set = ['edged.stop-pods-on-exit=true'];
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts(), set });
});

after(async () => {
  await site.stop();
  await removeSiteFromDocker(folder.path);
  await removeImage(IMAGE);
  await folder.remove();
});

async function kubectl(args: string[], stdin?: string): Promise<string> {
  const output = await runTool(kubectlPath(), ['--kubeconfig', site.kubeconfig, ...args], stdin);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

test('killed with a container, the site brings both back and has lost nothing that was acknowledged', async () => {
  const container = { name: 'main', image: IMAGE, command: ['/bin/sh', '-c', 'trap exit TERM; sleep 3600 & wait'] };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
  await kubectl(
    ['create', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'worker' }, spec }),
  );
  await kubectl(['wait', '--for=condition=Ready', 'pod/worker', '--timeout=60s']);
  await kubectl(['create', 'configmap', 'acknowledged', '--from-literal=yes=1']);
  await site.stop('SIGKILL');
  const [running] = await siteContainers(folder.path);
  assert.ok(running?.running);
  await killContainer(running.id);

  site = await SiteProcess.start(site.options);
  await containersRunning(folder.path, 1);
  await kubectl(['wait', '--for=condition=Ready', 'pod/worker', '--timeout=60s']);
  assert.equal(await kubectl(['get', 'configmap', 'acknowledged', '-o', 'jsonpath={.data.yes}']), '1');
  assert.match(await kubectl(['get', 'pod', 'worker']), /worker +1\/1 +Running +1/, 'one restart is counted');
});

test('with edged.stop-pods-on-exit the pods end with the process', async () => {
  assert.equal(await site.stop(), 0);
  const left = (await siteContainers(folder.path)).filter(({ running }) => running);
  assert.deepEqual(left, []);
});
