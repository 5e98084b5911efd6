/** A mapper on grpc-go, as KubeEdge's framework makes them, against the real process: it attaches, is told, and reports. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { DMI_MAPPER, kubectlPath } from '../support/kubectl.ts';
import { removeSiteFromDocker } from '../support/site-docker.ts';
import { freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const folder = await temporaryFolder();
const siteSocket = join(folder.path, 'dmi.sock');
let site: SiteProcess;
let mapper: Mapper;

interface Told {
  readonly step: string;
  readonly value: unknown;
}

/** The program, and what it has told. */
class Mapper {
  readonly #child: ChildProcess;
  readonly #told: Told[] = [];
  readonly #ended: Promise<never>;
  #more = Promise.withResolvers<void>();

  constructor() {
    const args = [siteSocket, join(folder.path, 'mapper.sock'), 'gauge'];
    const child = spawn(DMI_MAPPER, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#told.push(JSON.parse(line) as Told);
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    });
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the mapper ended with ${code ?? signal}; it had told ${JSON.stringify(this.#told)}`);
    });
    this.#ended.catch(() => undefined);
  }

  /** All up to the first that is such; rejects where the mapper ends before. */
  async until(isSuch: (told: Told) => boolean): Promise<Told[]> {
    for (;;) {
      const at = this.#told.findIndex(isSuch);
      if (at !== -1) return this.#told.splice(0, at + 1);
      await Promise.race([this.#more.promise, this.#ended]);
    }
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }
}

before(async () => {
  const set = ['modules.enabled=[apiserver, controllers, mqtt, devicetwin]', `devicetwin.dmi-socket=${siteSocket}`];
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts(), set });
  const properties = [
    { name: 'limit', type: 'INT', accessMode: 'ReadWrite' },
    { name: 'pressure', type: 'INT', accessMode: 'ReadOnly' },
  ];
  await apply({ kind: 'DeviceModel', metadata: { name: 'gauge' }, spec: { properties } });
  await apply(gauge('north', '5'));
  mapper = new Mapper();
});

after(async () => {
  await mapper.end();
  await site.stop();
  await removeSiteFromDocker(folder.path);
  await folder.remove();
});

async function kubectl(args: string[], input?: object): Promise<string> {
  const stdin = input === undefined ? undefined : JSON.stringify(input);
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', site.kubeconfig, ...args], stdin);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

function apply(object: object): Promise<string> {
  return kubectl(['apply', '-f', '-'], { apiVersion: 'devices.kubeedge.io/v1beta1', ...object });
}

/** Of its two properties one has a desired value, and one says nothing of how it is read. */
function gauge(name: string, limit: string): object {
  const visitors = { protocolName: 'gauge', configData: { register: 7, scale: 0.5, inverted: true, label: 'bar' } };
  return {
    kind: 'Device',
    metadata: { name },
    spec: {
      deviceModelRef: { name: 'gauge' },
      nodeName: 'edge-node',
      protocol: { protocolName: 'gauge', configData: { line: '/dev/ttyS0' } },
      properties: [{ name: 'limit', desired: { value: limit }, visitors }, { name: 'pressure' }],
    },
  };
}

function waitFor(name: string, path: string, value: string): Promise<string> {
  return kubectl(['wait', `--for=jsonpath=${path}=${value}`, `device/${name}`, '--timeout=30s']);
}

const setLimit = (name: string, value: string) => {
  const patch = [{ op: 'replace', path: '/spec/properties/0/desired/value', value }];
  return kubectl(['patch', 'device', name, '--type=json', '-p', JSON.stringify(patch)]);
};

/** It has the device, with this limit: what it knew of it before may have come before. */
const attached = (name: string, limit: string) => (told: Told) =>
  told.step === 'attached' &&
  isDeepStrictEqual(
    { ...(told.value as object), config: 0 },
    {
      name,
      values: { limit, pressure: '' },
      toCloud: true,
      config: 0,
    },
  );
const REPORTED = '{.status.twins[?(@.propertyName=="limit")].reported.value}';

test('it registers, is given its devices, and reports their values and state', async () => {
  const told = await mapper.until(attached('north', '5'));
  assert.equal(told[0]?.step, 'registered');
  const north = told.at(-1)?.value as { config: string[] } | undefined;
  assert.deepEqual(north?.config.sort(), [
    'inverted type.googleapis.com/google.protobuf.BoolValue',
    'label type.googleapis.com/google.protobuf.StringValue',
    'line',
    'register type.googleapis.com/google.protobuf.Int64Value',
    'scale type.googleapis.com/google.protobuf.DoubleValue',
  ]);
  await waitFor('north', REPORTED, '5');
  await waitFor('north', '{.status.twins[?(@.propertyName=="pressure")].reported.value}', '0');
  await waitFor('north', '{.status.state}', 'online');
});

test('it is told of desired values and of devices that come and go', async () => {
  await setLimit('north', '6');
  assert.equal((await mapper.until(attached('north', '6')))[0]?.step, 'UpdateDevice');
  await waitFor('north', REPORTED, '6');
  await apply(gauge('south', '8'));
  assert.equal((await mapper.until(attached('south', '8')))[0]?.step, 'RegisterDevice');
  await waitFor('south', REPORTED, '8');
  await kubectl(['delete', 'device', 'south']);
  await mapper.until(({ step, value }) => step === 'RemoveDevice' && value === 'south');
});

test('what changes while it is away it is given when it is back', async () => {
  await mapper.end();
  await setLimit('north', '7');
  mapper = new Mapper();
  assert.equal((await mapper.until(attached('north', '7')))[0]?.step, 'registered');
  await waitFor('north', REPORTED, '7');
});

test('after SIGKILL of the site it goes on without a new registration', async () => {
  await site.stop('SIGKILL');
  site = await SiteProcess.start(site.options);
  await setLimit('north', '9');
  await waitFor('north', REPORTED, '9');
  await setLimit('north', '10');
  await waitFor('north', REPORTED, '10');
});
