import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { REFERENCE_HEADER } from '../../../scripts/generate-config.ts';
import { UserError } from '../../../src/base/errors.ts';
import {
  loadConfig,
  minimalConfig,
  MODULES,
  modulesOf,
  nodeNameOf,
  referenceTable,
  sampleConfig,
  usesExternalApi,
} from '../../../src/config/index.ts';

const root = await mkdtemp(join(tmpdir(), 'edgesite-config-'));
after(() => rm(root, { recursive: true }));
const defaults = await loadConfig({ environment: {}, set: [] });
let files = 0;

async function fileOf(text: string): Promise<string> {
  files += 1;
  const path = join(root, `config-${files}.yaml`);
  await writeFile(path, text);
  return path;
}

async function load(text: string, environment: Record<string, string> = {}, set: string[] = []) {
  return await loadConfig({ file: await fileOf(text), environment, set });
}

test('the sample file, the short one and an empty one mean the defaults', async () => {
  assert.deepEqual(await load(sampleConfig()), defaults);
  assert.deepEqual(await load(minimalConfig()), defaults);
  assert.deepEqual(await load(''), defaults);
});

test('the files of the repository are those of the schema', async () => {
  assert.equal(await readFile('conf/edgeSite.yaml', 'utf8'), sampleConfig());
  assert.equal(await readFile('docs/configuration.md', 'utf8'), REFERENCE_HEADER + referenceTable());
});

test('flags win over the environment, which wins over the file', async () => {
  const text = 'mqtt:\n  mode: 1\n  qos: 1\n  session-queue-size: 7\n';
  const config = await load(text, { EDGESITE_MQTT__MODE: '2', EDGESITE_MQTT__QOS: '2' }, ['mqtt.qos=0']);
  assert.deepEqual([config.mqtt.mode, config.mqtt.qos, config.mqtt['session-queue-size']], [2, 0, 7]);
});

test('environment names reach keys with dashes and underscores', async () => {
  const config = await load('', { EDGESITE_CONTROLLER__KUBE__NODE_NAME: 'plant-7', EDGESITE_OTHER: 'x' });
  assert.equal(nodeNameOf(config), 'plant-7');
});

const MISTAKES: [name: string, text: string, message: RegExp][] = [
  ['unknown key', 'mqtt:\n  qos: 1\n  mod: 1\n', /:3: unknown key "mqtt\.mod"; did you mean "mqtt\.mode"\?$/],
  ['unknown section', 'mqqt:\n  mode: 1\n', /:1: unknown key "mqqt"; did you mean "mqtt"\?$/],
  [
    'wrong type',
    'edged:\n  register-node: maybe\n',
    /:2: edged\.register-node: expected true or false, found "maybe"$/,
  ],
  ['number for text', 'data-dir: 5\n', /:1: data-dir: expected text \(put it in quotes\), found 5$/],
  ['out of range', 'mqtt:\n  mode: 3\n', /:2: mqtt\.mode: expected at most 2, found 3$/],
  ['fraction', 'mqtt:\n  mode: 1.5\n', /:2: mqtt\.mode: expected a whole number, found 1\.5$/],
  ['not one of', 'log:\n  level: loud\n', /:2: log\.level: expected one of error, warn, info, debug, found "loud"$/],
  ['bad URL', 'mqtt:\n  server: here\n', /:2: mqtt\.server: expected a broker URL, found "here"$/],
  ['section as value', 'mqtt: 4\n', /:1: mqtt: expected a mapping of keys, found 4$/],
  ['list at top', '- 1\n', /:1: expected a mapping of keys, found a list$/],
  ['not YAML', 'mqtt:\n  mode: [1\n', /:\d+:\d+: this is not YAML: /],
  ['duplicate key', 'log: {}\nlog: {}\n', /:2:1: this is not YAML: Map keys must be unique/],
  [
    'impossible pair',
    'edged:\n  image-gc-low-threshold: 90\n',
    /:2: edged\.image-gc-low-threshold: expected less than/,
  ],
];

for (const [name, text, message] of MISTAKES) {
  test(`a mistake is told with file, line and key: ${name}`, async () => {
    await assert.rejects(load(text), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(root));
      return true;
    });
  });
}

test('every mistake of a file is told at once', async () => {
  await assert.rejects(load('mqtt:\n  mode: 9\n  qos: 9\n'), (error: unknown) => {
    assert.equal((error as UserError).message.split('\n').length, 2);
    return true;
  });
});

test('mistakes in flags and environment name the flag and the variable', async () => {
  await assert.rejects(load('', {}, ['mqtt.mode=x']), /--set mqtt\.mode=x: mqtt\.mode: expected a whole number/);
  await assert.rejects(load('', {}, ['mqtt']), /--set mqtt: expected key=value/);
  await assert.rejects(
    load('', { EDGESITE_MQTT__MODE: '7' }),
    /variable EDGESITE_MQTT__MODE: mqtt\.mode: expected at most 2/,
  );
  await assert.rejects(load('', { EDGESITE_MQTT__MOOD: '7' }), /EDGESITE_MQTT__MOOD: there is no such key/);
});

test('a missing file says how to get one', async () => {
  const sources = { file: join(root, 'absent.yaml'), environment: {}, set: [] };
  await assert.rejects(loadConfig(sources), /absent\.yaml: the file does not exist\. --defaultconfig prints/);
});

test('the v1.2 form is translated, its mistakes are told at their own lines', async () => {
  const head = 'apiVersion: edgesite.config.kubeedge.io/v1alpha1\nkind: EdgeSite\n';
  const config = await load(
    `${head}kubeAPIConfig:\n  master: http://10.0.0.1:8080\nmodules:\n  edged:\n    hostnameOverride: vm\n    registerNode: false\n` +
      '  edgecontroller:\n    load:\n      updateNodeWorkers: 4\n',
  );
  assert.equal(nodeNameOf(config), 'vm');
  assert.equal(config.edged['register-node'], false);
  assert.equal(usesExternalApi(config), true);
  await assert.rejects(
    load(`${head}modules:\n  edged:\n    imageGCHighThreshold: 200\n`),
    /:5: edged\.image-gc-high-threshold/,
  );
  await assert.rejects(load(`${head}modules:\n  edgd: {enable: true}\n`), /:4: unknown key "modules\.edgd\.enable"/);
});

test("EdgeSite's module names mean ours", async () => {
  const config = await load('modules:\n  enabled: [edgecontroller, metaManager, edged, dbTest]\n');
  assert.deepEqual([...modulesOf(config)].sort(), [
    'apiserver',
    'controllers',
    'edged',
    'metaserver',
    'metrics',
    'scheduler',
    'servicelb',
    'workloads',
  ]);
  assert.deepEqual([...modulesOf(defaults)], [...MODULES]);
});
