/** helm 4 against a real site, with a chart written here: install, upgrade, roll back, uninstall. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HELM } from '../support/kubectl.ts';
import { makeImage, removeImage, removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const IMAGE = 'edgesite-e2e/helm:1';
const folder = await temporaryFolder();
const chart = join(folder.path, 'gauge');
let site: SiteProcess;

const FILES: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: gauge\ndescription: reads a gauge\nversion: 0.1.0\nappVersion: "1.0"\n',
  'values.yaml': `image: ${IMAGE}\nunit: bar\nreplicas: 1\n`,
  'crds/gauges.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gauges.plant.example }
spec:
  group: plant.example
  scope: Namespaced
  names: { plural: gauges, singular: gauge, kind: Gauge }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { unit: { type: string, enum: [bar, psi] } } } }
`,
  'templates/gauge.yaml': `apiVersion: plant.example/v1
kind: Gauge
metadata: { name: "{{ .Release.Name }}" }
spec: { unit: "{{ .Values.unit }}" }
`,
  'templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-config" }
data:
  unit: "{{ .Values.unit }}"
  revision: "{{ .Release.Revision }}"
  kubernetes: "{{ .Capabilities.KubeVersion.Major }}"
`,
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}", labels: { app: gauge } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: gauge } }
  template:
    metadata: { labels: { app: gauge } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: gauge
          image: {{ .Values.image }}
          command: [/bin/sh, -c, "echo reads in $UNIT; exec sleep 1000000"]
          env: [{ name: UNIT, valueFrom: { configMapKeyRef: { name: "{{ .Release.Name }}-config", key: unit } } }]
`,
  'templates/hook.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-prepare"
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation" }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: prepare, image: {{ .Values.image }}, command: [/bin/true] }]
`,
};

before(async () => {
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(chart, name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
  }
  await makeImage(IMAGE);
  site = await SiteProcess.start({ dataDir: join(folder.path, 'site'), ports: await freePorts() });
});

after(async () => {
  await site.stop();
  await removeSiteFromDocker(site.options.dataDir);
  await removeImage(IMAGE);
  await folder.remove();
});

async function helm(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTool(HELM, ['--kubeconfig', site.kubeconfig, ...args]);
  assert.equal(code, 0, `helm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await site.kubectl(...args);
  assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const configOf = () =>
  kubectl('get', 'configmap', 'tank-config', '-o', 'jsonpath={.data.unit} {.data.revision} {.data.kubernetes}');
const unitOf = () => kubectl('get', 'gauge', 'tank', '-o', 'jsonpath={.spec.unit}');

test('install brings the definition, runs the hook and waits for the pods', async () => {
  const told = await helm('install', 'tank', chart, '--wait', '--timeout=60s');
  assert.match(told, /STATUS: deployed/);
  assert.equal(await configOf(), 'bar 1 1');
  assert.equal(await unitOf(), 'bar');
  assert.equal(await kubectl('logs', 'deployment/tank'), 'reads in bar\n');
  assert.match(await kubectl('get', 'job', 'tank-prepare'), /Complete +1\/1/);
});

test('list and get show the release', async () => {
  const [release] = JSON.parse(await helm('list', '-o', 'json')) as { name: string; status: string; chart: string }[];
  assert.deepEqual([release?.name, release?.status, release?.chart], ['tank', 'deployed', 'gauge-0.1.0']);
  assert.match(await helm('get', 'manifest', 'tank'), /kind: Gauge/);
  assert.match(await helm('status', 'tank'), /NAME: tank/);
});

test('upgrade changes what differs, and a value that the definition refuses changes nothing', async () => {
  await helm('upgrade', 'tank', chart, '--set', 'unit=psi,replicas=2', '--wait', '--timeout=60s');
  assert.equal(await configOf(), 'psi 2 1');
  assert.match(await kubectl('get', 'deployment', 'tank'), /2\/2/);
  const refused = await runTool(HELM, [
    '--kubeconfig',
    site.kubeconfig,
    'upgrade',
    'tank',
    chart,
    '--set',
    'unit=yard',
  ]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /spec\.unit: Unsupported value: "yard": supported values: "bar", "psi"/);
  assert.equal(await unitOf(), 'psi');
});

test('rollback brings the first revision back', async () => {
  await helm('rollback', 'tank', '1', '--wait', '--timeout=60s');
  assert.equal(await unitOf(), 'bar');
  assert.match(await kubectl('get', 'deployment', 'tank'), /1\/1/);
  const history = JSON.parse(await helm('history', 'tank', '-o', 'json')) as { status: string }[];
  assert.deepEqual(
    history.map(({ status }) => status),
    ['superseded', 'superseded', 'failed', 'deployed'],
  );
});

test('uninstall leaves nothing but the definition', async () => {
  assert.match(await helm('uninstall', 'tank', '--wait', '--timeout=60s'), /release "tank" uninstalled/);
  assert.equal(
    await kubectl('get', 'deployments,configmaps,gauges', '-l', 'app.kubernetes.io/managed-by=Helm', '-o', 'name'),
    '',
  );
  assert.equal((await site.kubectl('get', 'deployment', 'tank')).code, 1);
  assert.equal(
    await kubectl('get', 'crd', 'gauges.plant.example', '-o', 'name'),
    'customresourcedefinition.apiextensions.k8s.io/gauges.plant.example\n',
  );
});
