/** The figures of device twins: durable updates from a thousand devices, and the way to and from Device objects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { KubeObject } from '../src/api/object.ts';
import { createKubeClient, HttpTransport, type KubeClient, loadKubeconfig } from '../src/client/index.ts';
import { type Device, DEVICE_STATUSES, type DeviceStatus, DEVICES } from '../src/devices/device-kinds.ts';
import { BenchDevice } from './bench-device.ts';
import { cpuSeconds, residentMiB } from './process-usage.ts';
import type { Figure } from './table.ts';

const DEVICE_COUNT = 1_000;
const PACED_PER_SECOND = 2_000;
const TICK_MS = 5;
const RUN_MS = 10_000;
const ROUNDS = 50;
const DEADLINE_MS = 120_000;

export interface TwinSite {
  readonly mqttPort: number;
  readonly pid: number;
  readonly kubeconfig: string;
}

export async function measureTwins(site: TwinSite): Promise<Figure[]> {
  return [...(await measureObjects(site)), ...(await measureUpdates(site))];
}

/** Broker and twins alone; needs no API. */
export async function measureUpdates(site: Pick<TwinSite, 'mqttPort' | 'pid'>): Promise<Figure[]> {
  const devices: BenchDevice[] = [];
  for (let index = 0; index < DEVICE_COUNT; index += 1) {
    devices.push(await BenchDevice.connect(site.mqttPort, `bench/device-${index}`));
  }
  try {
    await Promise.all(devices.map((device) => device.update(0))); // each introduces itself
    const before = cpuSeconds(site.pid);
    const paced = await pacedRun(devices);
    const cpu = ((cpuSeconds(site.pid) - before) / (RUN_MS / 1000)) * 100;
    const most = await closedRun(devices);
    return [
      {
        name: `durable twin updates at ${PACED_PER_SECOND}/s from ${DEVICE_COUNT} devices: latency p50, p99`,
        value: `${quantiles(paced.latencies)}; ${paced.perSecond.toFixed(0)}/s reached, ${cpu.toFixed(0)} % of a core`,
        aim: 'p99 ≤ 20 ms',
      },
      {
        name: `durable twin updates, ${DEVICE_COUNT} devices each awaiting its PUBACK`,
        value: `${most.perSecond.toFixed(0)}/s, ${quantiles(most.latencies)}`,
        aim: '≥ 2,000/s',
      },
      { name: 'memory (RSS) after it', value: `${residentMiB(site.pid).toFixed(0)} MiB`, aim: '' },
    ];
  } finally {
    for (const device of devices) device.close();
  }
}

interface Run {
  readonly latencies: number[];
  readonly perSecond: number;
}

/** At a fixed rate, whatever the answers; a device that still waits is passed over, and so lowers the rate that is told. */
async function pacedRun(devices: readonly BenchDevice[]): Promise<Run> {
  const latencies: number[] = [];
  const underWay: Promise<unknown>[] = [];
  const began = performance.now();
  for (let sent = 0; performance.now() - began < RUN_MS; ) {
    const due = ((performance.now() - began) / 1000) * PACED_PER_SECOND;
    for (; sent < due; sent += 1) {
      const device = devices[sent % devices.length];
      if (device?.busy === false) underWay.push(device.update(sent).then((took) => latencies.push(took)));
    }
    await sleep(TICK_MS);
  }
  await Promise.all(underWay);
  return { latencies, perSecond: latencies.length / ((performance.now() - began) / 1000) };
}

async function closedRun(devices: readonly BenchDevice[]): Promise<Run> {
  const latencies: number[] = [];
  const began = performance.now();
  const one = async (device: BenchDevice): Promise<void> => {
    for (let value = 0; performance.now() - began < RUN_MS; value += 1) latencies.push(await device.update(value));
  };
  await Promise.all(devices.map(one));
  return { latencies, perSecond: latencies.length / ((performance.now() - began) / 1000) };
}

/** From `kubectl patch` to the delta, and from the report to the status, over the API's own port. */
async function measureObjects({ kubeconfig, mqttPort }: TwinSite): Promise<Figure[]> {
  const transport = new HttpTransport({ connection: loadKubeconfig(kubeconfig), userAgent: 'edgesite-bench' });
  const client = createKubeClient(transport);
  const mqtt = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const device: Device = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name: 'bench' },
    spec: { nodeName: 'edge-node', properties: [{ name: 'temp', desired: { value: '0' } }] },
  };
  try {
    await mqtt.subscribeAsync('$hw/events/device/default/bench/twin/update/delta');
    const first = delta(mqtt, '0');
    await client.create(DEVICES, { namespace: 'default' }, device, signal);
    await first;
    const deltas: number[] = [];
    const reports: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      deltas.push(await timed(() => setDesired(client, mqtt, String(round), signal)));
      reports.push(await timed(() => report(client, mqtt, String(round), signal)));
    }
    await client.delete(DEVICES, { namespace: 'default', name: 'bench' }, signal);
    return [
      { name: 'patch of a Device → delta at the device, p50, p99', value: quantiles(deltas), aim: '≤ 100 ms' },
      { name: 'report of a device → seen in DeviceStatus, p50, p99', value: quantiles(reports), aim: '≤ 1 s' },
    ];
  } finally {
    await mqtt.endAsync();
  }
}

async function setDesired(client: KubeClient, mqtt: MqttClient, value: string, signal: AbortSignal): Promise<void> {
  const heard = delta(mqtt, value);
  const patch = [{ op: 'add', path: '/spec/properties/0/desired', value: { value } }];
  await client.patch(DEVICES, { namespace: 'default', name: 'bench' }, 'json', patch, signal);
  await heard;
}

async function report(client: KubeClient, mqtt: MqttClient, value: string, signal: AbortSignal): Promise<void> {
  const list = await client.list(DEVICE_STATUSES, { namespace: 'default' }, signal);
  const { resourceVersion = '' } = list.metadata;
  const seen = (async () => {
    for await (const { object } of client.watch<DeviceStatus & KubeObject>(
      DEVICE_STATUSES,
      { resourceVersion },
      signal,
    )) {
      if (object.status?.twins?.[0]?.reported?.value === value) return;
    }
  })();
  const update = JSON.stringify({ twin: { temp: { actual: { value } } } });
  await mqtt.publishAsync('$hw/events/device/default/bench/twin/update', update, { qos: 1 });
  await seen;
}

function delta(mqtt: MqttClient, value: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (_topic: string, payload: Buffer): void => {
      if ((JSON.parse(payload.toString()) as { delta: { temp?: string } }).delta.temp !== value) return;
      mqtt.off('message', look);
      resolve();
    };
    mqtt.on('message', look);
  });
}

async function timed(body: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await body();
  return performance.now() - began;
}

function quantiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(1);
  return `${at(0.5)} ms, ${at(0.99)} ms`;
}
