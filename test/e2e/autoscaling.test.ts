/** What pods use, seen by kubectl, and an autoscaler that acts on it: the real process with real pods. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { kubectlPath } from '../support/kubectl.ts';
import { makeImage, removeImage, removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/autoscaling:1';
/** However the test ends, no pod is busy for longer. */
const LOAD_SECONDS = 120;
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

async function kubectl(args: readonly string[], stdin?: string, version: '1.20' | '1.35' = '1.35'): Promise<string> {
  const { code, stdout, stderr } = await runTool(
    kubectlPath(version),
    ['--kubeconfig', site.kubeconfig, ...args],
    stdin,
  );
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const busy = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'busy' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'busy' } },
    template: {
      metadata: { labels: { app: 'busy' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: IMAGE,
            command: ['/bin/sh', '-c', `timeout ${LOAD_SECONDS} sh -c 'while :; do :; done'; exec sleep 3600`],
            resources: { requests: { cpu: '50m' }, limits: { cpu: '100m' } },
          },
        ],
      },
    },
  },
};

test('a busy deployment gets the pods that its autoscaler allows, and kubectl top shows why', async () => {
  await kubectl(['apply', '-f', '-'], JSON.stringify(busy));
  await kubectl(['wait', '--for=condition=Available', 'deployment/busy', '--timeout=50s']);
  await kubectl(['autoscale', 'deployment', 'busy', '--max=2', '--cpu=50%']);
  await kubectl(['wait', '--for=condition=ScalingActive', 'hpa/busy', '--timeout=50s']);
  await kubectl(['wait', '--for=jsonpath={.spec.replicas}=2', 'deployment/busy', '--timeout=50s']);
  await kubectl(['wait', '--for=jsonpath={.status.desiredReplicas}=2', 'hpa/busy', '--timeout=50s']);
  for (const version of ['1.20', '1.35'] as const) {
    assert.match(await kubectl(['top', 'node'], '', version), /^edge-node +\d+m +\d+% +\d+Mi +\d+% *$/m);
    assert.match(await kubectl(['top', 'pod'], '', version), /^busy-\S+ +[1-9]\d*m +\d+Mi *$/m);
    assert.match(await kubectl(['top', 'pod', '-A', '--sort-by=cpu'], '', version), /^default +busy-\S+ +[1-9]\d*m /m);
    assert.match(await kubectl(['top', 'pod', '--containers'], '', version), /^busy-\S+ +main +[1-9]\d*m +\d+Mi *$/m);
  }
});
