/** The definitions of `manifests/` on the embedded API server, as kubectl sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DEVICE_CONVERTERS } from '../../../src/devices/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { kubectlPath } from '../../support/kubectl.ts';
import { runTool } from '../../support/site-process.ts';

let api: TestApiServer;

async function kubectl(args: string[], input?: object): Promise<string> {
  const stdin = input === undefined ? undefined : JSON.stringify(input);
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, ...args], stdin);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

before(async () => {
  api = await startApiServer({ converters: DEVICE_CONVERTERS });
  await kubectl(['apply', '--server-side', '-f', 'manifests/devices.yaml']);
  const names = ['devices', 'devicemodels', 'devicestatuses'].map((plural) => `crd/${plural}.devices.kubeedge.io`);
  await kubectl(['wait', '--for=condition=Established', ...names, '--timeout=20s']);
});
after(() => api.close());

test('kubectl explain documents the properties of a device', async () => {
  const text = await kubectl(['explain', 'device.spec.properties']);
  for (const field of ['name', 'desired', 'reportToCloud', 'visitors', 'pushMethod'])
    assert.match(text, new RegExp(`\\n  ${field}\\t`));
  assert.match(
    await kubectl(['explain', 'device.spec.properties.desired']),
    /reaches the device as a delta of\s+its twin/,
  );
});

test('kubectl get shows model, node, state, last seen and properties', async () => {
  const device = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name: 'sensor' },
    spec: {
      deviceModelRef: { name: 'tag' },
      nodeName: 'edge-node',
      properties: [{ name: 'temp', desired: { value: '20' } }],
    },
  };
  await kubectl(['apply', '-f', '-'], device);
  const status = { status: { state: 'online', lastOnlineTime: '2026-01-01T00:00:00Z', summary: 'temp=19 (20)' } };
  await kubectl(['patch', 'device', 'sensor', '--subresource=status', '--type=merge', '-p', JSON.stringify(status)]);
  const [head = '', row = ''] = (await kubectl(['get', 'devices'])).split('\n');
  assert.match(head, /^NAME +MODEL +NODE +STATE +LAST SEEN +PROPERTIES$/);
  assert.match(row, /^sensor +tag +edge-node +online +\S+ +temp=19 \(20\)$/);
  assert.match(await kubectl(['get', 'devices', '--field-selector=spec.nodeName=edge-node', '-o', 'name']), /sensor/);
});

test('a v1alpha2 client sets a desired value in the status, and v1beta1 has it in the spec', async () => {
  const path = 'devices.v1alpha2.devices.kubeedge.io/sensor';
  const old = JSON.parse(await kubectl(['get', path, '-o', 'json'])) as {
    status: { twins: { desired: { value: string } }[] };
  };
  assert.equal(old.status.twins[0]?.desired.value, '20');
  old.status.twins[0].desired.value = '21';
  await kubectl(['replace', '-f', '-'], old);
  const device = JSON.parse(await kubectl(['get', 'device', 'sensor', '-o', 'json'])) as {
    spec: { properties: object[] };
    status: { state: string };
    metadata: { annotations: object };
  };
  assert.deepEqual(device.spec.properties, [{ name: 'temp', desired: { value: '21' } }]);
  assert.equal(device.status.state, 'online', 'what v1alpha2 cannot say has outlived its write');
  assert.ok(!Object.keys(device.metadata.annotations).some((key) => key.startsWith('devices.edgesite.io/')));
});
