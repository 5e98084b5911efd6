/** Devices through kubectl on the real process: mosquitto_pub is the device, kubectl is the person. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { connectAsync } from 'mqtt';
import { kubectlPath } from '../support/kubectl.ts';
import { readProfile } from '../support/old-mapper.ts';
import { removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const home = await temporaryFolder();
const edge = await temporaryFolder();
let site: SiteProcess;
/** A second node, for which the first site is an API server somewhere else. */
let remote: SiteProcess | undefined;

before(async () => {
  const set = ['modules.enabled=[apiserver, controllers, edged, mqtt, devicetwin]'];
  site = await SiteProcess.start({ dataDir: home.path, ports: await freePorts(), set });
});

after(async () => {
  await remote?.stop();
  await site.stop();
  await removeSiteFromDocker(home.path);
  await Promise.all([home.remove(), edge.remove()]);
});

async function kubectl(args: string[], input?: object): Promise<string> {
  const stdin = input === undefined ? undefined : JSON.stringify(input);
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', site.kubeconfig, ...args], stdin);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

async function publish(to: SiteProcess, topic: string, body: object): Promise<void> {
  const args = ['-p', String(to.options.ports.mqtt), '-q', '1', '-t', topic, '-m', JSON.stringify(body)];
  const { code, stderr } = await runTool('mosquitto_pub', args);
  assert.equal(code, 0, stderr);
}

/** The next message of a topic; resolves to it once the subscription stands. */
async function nextOf(from: SiteProcess, topic: string): Promise<{ message: Promise<unknown> }> {
  const client = await connectAsync(`mqtt://127.0.0.1:${from.options.ports.mqtt}`, { reconnectPeriod: 0 });
  const payload = new Promise<Buffer>((resolve) => client.once('message', (_topic, bytes) => resolve(bytes)));
  const message = payload.then(async (bytes) => {
    await client.endAsync();
    return JSON.parse(bytes.toString()) as unknown;
  });
  await client.subscribeAsync(topic);
  return { message };
}

function device(name: string, nodeName: string): object {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name, annotations: { 'devices.edgesite.io/metrics': 'temp' } },
    spec: {
      deviceModelRef: { name: 'thermostat' },
      nodeName,
      properties: [{ name: 'temp', desired: { value: '20' } }],
    },
  };
}

function waitFor(name: string, path: string, value: string): Promise<string> {
  return kubectl(['wait', `--for=jsonpath=${path}=${value}`, `device/${name}`, '--timeout=30s']);
}

const report = (value: string) => ({ event_id: value, twin: { temp: { actual: { value } } } });
const setDesired = (name: string, value: string) => {
  const patch = [{ op: 'add', path: '/spec/properties/0/desired', value: { value } }];
  return kubectl(['patch', 'device', name, '--type=json', '-p', JSON.stringify(patch)]);
};

test('a device is declared, reports, is shown by kubectl, and hears what it should be', async () => {
  const properties = [{ name: 'temp', type: 'INT', accessMode: 'ReadWrite', maximum: '40' }];
  const model = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'DeviceModel', metadata: { name: 'thermostat' } };
  await kubectl(['apply', '-f', '-'], { ...model, spec: { properties } });
  const added = await nextOf(site, '$hw/events/node/edge-node/membership/updated');
  await kubectl(['apply', '-f', '-'], device('hall', 'edge-node'));
  assert.match(JSON.stringify(await added.message), /"id":"default\/hall"/);
  await publish(site, '$hw/events/device/default/hall/twin/update', report('19'));
  await publish(site, '$hw/events/device/default/hall/state/update', { event_id: 's', state: 'online' });
  await waitFor('hall', '{.status.state}', 'online');
  await waitFor('hall', '{.status.twins[0].reported.value}', '19');
  assert.match(await kubectl(['get', 'devices']), /\nhall +thermostat +edge-node +online +\S+ +temp=19 \(20\)\n/);
  const delta = await nextOf(site, '$hw/events/device/default/hall/twin/update/delta');
  await setDesired('hall', '21');
  assert.deepEqual(((await delta.message) as { delta: object }).delta, { temp: '21' });
  await publish(site, '$hw/events/device/default/hall/twin/update', { twin: { temp: { expected: { value: '22' } } } });
  await waitFor('hall', '{.spec.properties[0].desired.value}', '22');
});

test('history and measurements are read through the proxy to the node', async () => {
  await publish(site, '$hw/events/device/default/hall/twin/update', report('18'));
  const raw = (path: string) => kubectl(['get', '--raw', `/api/v1/nodes/edge-node/proxy${path}`]);
  const values = async (query: string) => {
    const page = JSON.parse(await raw(`/devices/default/hall/history/temp?${query}`)) as {
      metadata: { continue?: string };
      items: { value: string }[];
    };
    return { values: page.items.map(({ value }) => value), next: page.metadata.continue };
  };
  const first = await values('limit=1');
  assert.deepEqual(first.values, ['19']);
  assert.deepEqual(await values(`limit=1&continue=${first.next}`), { values: ['18'], next: undefined });
  assert.match(await raw('/metrics'), /edgesite_device_property\{device="default\/hall",property="temp"\} 18\n/);
});

test('values are pushed as their property says, and mappers before 1.15 find the device', {
  timeout: 90_000,
}, async (t) => {
  const posted: string[] = [];
  let heard: () => void = () => undefined;
  const receiver = createServer((request, response) => {
    request
      .setEncoding('utf8')
      .on('data', (text: string) => posted.push(`${request.url} ${text.replace(/&time=.*/, '')}`));
    request.on('end', () => {
      response.end();
      heard();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const { port } = receiver.address() as AddressInfo;
  const patch = [
    { op: 'add', path: '/spec/protocol', value: { protocolName: 'knx', configData: { group: '1/2/3' } } },
    { op: 'add', path: '/spec/properties/0/visitors', value: { protocolName: 'knx', configData: {} } },
    { op: 'add', path: '/spec/properties/0/pushMethod', value: { http: { hostName: 'http://127.0.0.1', port } } },
  ];
  await kubectl(['patch', 'device', 'hall', '--type=json', '-p', JSON.stringify(patch)]);
  await kubectl(['wait', '--for=create', 'configmap/device-profile-config-edge-node', '--timeout=30s']);
  const configMap = await kubectl(['get', 'configmap', 'device-profile-config-edge-node', '-o', 'json']);
  const { data } = JSON.parse(configMap) as { data: Record<string, string> };
  const [hall] = readProfile(data['deviceProfile.json'] ?? '', 'customized-protocol').values();
  assert.equal(hall?.points.get('temp')?.property.maximum, 40);
  for (const value of ['15', '16']) {
    const came = new Promise<void>((resolve) => (heard = resolve));
    await publish(site, '$hw/events/device/default/hall/twin/update', report(value));
    await came;
  }
  assert.deepEqual(posted, ['/ temp=15', '/ temp=16']);
  const metrics = await kubectl(['get', '--raw', '/api/v1/nodes/edge-node/proxy/metrics']);
  assert.match(metrics, /edgesite_device_pushes_total\{target="http:[^"]*",result="delivered"\} [12]\n/);
});

test('after SIGKILL the twin is as it was acknowledged, and follows its object again', async () => {
  await publish(site, '$hw/events/device/default/hall/twin/update', report('17'));
  await site.stop('SIGKILL');
  site = await SiteProcess.start(site.options);
  await waitFor('hall', '{.status.twins[0].reported.value}', '17');
  const delta = await nextOf(site, '$hw/events/device/default/hall/twin/update/delta');
  await setDesired('hall', '23');
  assert.deepEqual(((await delta.message) as { delta: object }).delta, { temp: '23' });
});

test('on an external API server the definitions are made, and an outage of it loses nothing', async () => {
  const definitions = ['devices', 'devicemodels', 'devicestatuses'].map((plural) => `${plural}.devices.kubeedge.io`);
  await kubectl(['delete', 'crd', ...definitions, '--timeout=30s']);
  const set = [
    `controller.kube.kubeconfig=${site.kubeconfig}`,
    'controller.kube.node-name=far-node',
    'modules.enabled=[mqtt, devicetwin]',
  ];
  remote = await SiteProcess.start({ dataDir: edge.path, ports: await freePorts(), set });
  for (const name of definitions) {
    await kubectl(['wait', '--for=create', `crd/${name}`, '--timeout=30s']);
    await kubectl(['wait', '--for=condition=Established', `crd/${name}`, '--timeout=30s']);
  }
  const added = await nextOf(remote, '$hw/events/node/far-node/membership/updated');
  await kubectl(['apply', '-f', '-'], device('far', 'far-node'));
  assert.match(JSON.stringify(await added.message), /"id":"default\/far"/);

  await site.stop();
  for (const value of ['11', '12', '13']) {
    await publish(remote, '$hw/events/device/default/far/twin/update', report(value));
  }
  await publish(remote, '$hw/events/device/default/far/twin/update', { twin: { temp: { expected: { value: '14' } } } });
  await remote.stop('SIGKILL');
  remote = await SiteProcess.start(remote.options);
  site = await SiteProcess.start(site.options);
  await waitFor('far', '{.status.twins[0].reported.value}', '13');
  await waitFor('far', '{.spec.properties[0].desired.value}', '14');
});
