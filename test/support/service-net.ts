/**
 * Services on the real packet filter: an API server in this process, containers on a bridge of their own as pods, and the
 * service proxy between them. Endpoints are made by hand. Everything in Docker and in the kernel is taken away at the end.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { promisify } from 'node:util';
import type { EndpointSlice, Service } from '../../src/api/kinds.ts';
import { builtIn } from '../../src/api/resources.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createKubeClient, Informer, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { iptables, type PodNetwork, prepareBridge, ServiceProxy } from '../../src/network/index.ts';
import { startApiServer, type TestApiServer } from './api-server.ts';
import { CONNECT_SECONDS } from './curl.ts';
import { dockerSite, type DockerSite } from './docker-site.ts';
import { makeBusyboxImage } from './test-image.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const NAMESPACE = 'default';
export const NODE = 'edge-node';
/** How long anything that is waited for may take, on a machine that is shared with others. */
const PATIENCE_MS = 40_000;
const never = new AbortController().signal;
const execute = promisify(execFile);

export interface TestPod {
  readonly name: string;
  readonly ip: string;
}

type SliceEndpoint = NonNullable<EndpointSlice['endpoints']>[number];

export class ServiceNet {
  readonly siteId = randomBytes(4).toString('hex');
  readonly docker: DockerSite;
  readonly network: PodNetwork;
  readonly serviceCidr: string;
  readonly client: KubeClient;
  readonly #image: string;
  readonly #api: TestApiServer;
  readonly #written = new EventEmitter();
  #informers: { services: Informer<Service>; slices: Informer<EndpointSlice> } | undefined;
  #proxy: ServiceProxy | undefined;

  private constructor(docker: DockerSite, network: PodNetwork, api: TestApiServer, serviceCidr: string) {
    this.serviceCidr = serviceCidr;
    this.docker = docker;
    this.network = network;
    this.#image = imageOf(docker);
    this.#api = api;
    this.client = this.#clientAs('admin', 'system:masters');
  }

  /** Other sites on the machine have the usual range. */
  static async start(serviceCidr = `10.98.${randomBytes(1)[0]}.0/24`): Promise<ServiceNet> {
    const docker = await dockerSite();
    await makeBusyboxImage(docker.docker, imageOf(docker), ['/usr/bin/curl']);
    const api = await startApiServer({
      network: { serviceCidr, nodePorts: { from: 21_500, to: 21_999 }, advertiseAddress: '192.0.2.1' },
    });
    const net = new ServiceNet(docker, await docker.runtime.prepare(never), api, serviceCidr);
    await net.startProxy();
    return net;
  }

  async close(): Promise<void> {
    await this.stopProxy();
    await this.#api.close();
    await this.docker.close();
    await this.docker.docker.getImage(this.#image).remove({ force: true });
    await execute('scripts/uninstall.sh', ['--rules', this.siteId]);
  }

  async startProxy(): Promise<void> {
    const client = this.#clientAs('system:kube-proxy', 'system:authenticated');
    const shared = { client, clock: systemClock, random: Math.random, logger: silentLogger };
    const services = new Informer<Service>({ ...shared, resource: SERVICES });
    const slices = new Informer<EndpointSlice>({ ...shared, resource: SLICES });
    let written = 0;
    const filter = {
      look: iptables.look.bind(iptables),
      restore: async (input: string, signal: AbortSignal): Promise<void> => {
        await iptables.restore(input, signal);
        written += 1;
        this.#written.emit('written');
      },
    };
    this.#proxy = new ServiceProxy(
      { siteId: this.siteId, nodeName: NODE, servesNames: true },
      { ...shared, services, slices, filter, prepareBridge, onUnavailable: (message) => assert.fail(message) },
    );
    this.#informers = { services, slices };
    await this.#proxy.start();
    this.#proxy.usePods(this.network);
    services.start();
    slices.start();
    // At its start it writes both tables, whatever stands there.
    await this.until('filter and nat are written', () => Promise.resolve(written >= 2));
  }

  async stopProxy(): Promise<void> {
    await this.#proxy?.close();
    await this.#informers?.services.close();
    await this.#informers?.slices.close();
  }

  /** A container that serves its name on port 80, and the address of whoever asks as `[::ffff:10.0.0.1]` at `/cgi-bin/who`. */
  async pod(name: string): Promise<TestPod> {
    const script = [
      'mkdir -p /www/cgi-bin',
      `echo ${name} > /www/index.html`,
      String.raw`printf '#!/bin/sh\necho\necho $REMOTE_ADDR\n' > /www/cgi-bin/who`,
      'chmod 755 /www/cgi-bin/who',
      'echo serving',
      'exec httpd -f -p 80 -h /www',
    ].join('; ');
    const { docker, siteId } = this.docker;
    const network = `edgesite-${siteId}`;
    const container = await docker.createContainer({
      Image: this.#image,
      name: `${siteId}-${name}`,
      Cmd: ['/bin/sh', '-c', script],
      Labels: { 'edgesite.io/site': siteId },
      HostConfig: { NetworkMode: network, Init: true },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    const ip = NetworkSettings.Networks[network]?.IPAddress ?? '';
    await this.inPod(name, ['sh', '-c', 'until nc -w 1 127.0.0.1 80 </dev/null; do sleep 0.1; done']);
    return { name, ip };
  }

  /** Makes the service with a slice of these endpoints, and resolves to its cluster IP when it leads to them. */
  async service(
    name: string,
    spec: Service['spec'],
    endpoints: readonly (TestPod | SliceEndpoint)[],
    port = 80,
  ): Promise<string> {
    const scope = { namespace: NAMESPACE };
    const protocol = spec?.ports?.[0]?.protocol ?? 'TCP';
    await this.client.create(SLICES, scope, sliceOf(name, endpoints, { port, protocol }), never);
    const made = await this.client.create<Service>(SERVICES, scope, { metadata: { name }, spec }, never);
    const ip = made.spec?.clusterIP ?? '';
    // The service may be seen before its slice, and be refused until then.
    await this.until(`${name} leads somewhere`, async () => (await this.rules('nat')).includes(`-d ${ip}/32`));
    return ip;
  }

  /** Puts other endpoints behind the service; resolves when the rules have changed. */
  async endpoints(name: string, endpoints: readonly (TestPod | SliceEndpoint)[]): Promise<void> {
    const written = this.nextRules();
    const target = { namespace: NAMESPACE, name };
    await this.client.patch(SLICES, target, 'merge', { endpoints: endpoints.map(endpointOf) }, never);
    await written;
  }

  async nextRules(): Promise<void> {
    await once(this.#written, 'written', { signal: AbortSignal.timeout(PATIENCE_MS) });
  }

  /** Looks again whenever rules have been written. */
  async until(what: string, is: () => Promise<boolean>): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const written = once(this.#written, 'written', { signal: deadline }).catch((cause: unknown) => {
        throw new Error(`not in ${PATIENCE_MS} ms: ${what}`, { cause });
      });
      written.catch(() => undefined); // not awaited where it is so already
      if (await is()) return;
      await written;
    }
  }

  /** This site's lines of `iptables-save`. */
  async rules(table: 'nat' | 'filter' | 'raw'): Promise<string> {
    const { stdout } = await execute('iptables-save', ['-t', table], { maxBuffer: 64 * 1024 * 1024 });
    return stdout
      .split('\n')
      .filter((line) => line.includes(`ES-${this.siteId}-`))
      .join('\n');
  }

  /** What curl in the pod prints, or its exit code as `exit 7`. */
  async curlFrom(pod: TestPod, url: string): Promise<string> {
    const { exitCode, output } = await this.#exec(pod.name, ['curl', '-sS', '-m', String(CONNECT_SECONDS), url]);
    return exitCode === 0 ? output.trim() : `exit ${exitCode}`;
  }

  async inPod(name: string, command: readonly string[]): Promise<string> {
    const { exitCode, output } = await this.#exec(name, command);
    assert.equal(exitCode, 0, output);
    return output;
  }

  async #exec(name: string, command: readonly string[]): Promise<{ exitCode: number; output: string }> {
    const { docker, runtime, siteId } = this.docker;
    const { Id } = await docker.getContainer(`${siteId}-${name}`).inspect();
    return runtime.exec(Id, command, PATIENCE_MS, never);
  }

  #clientAs(name: string, ...groups: string[]): KubeClient {
    return createKubeClient(new InProcessTransport(this.#api.server, { name, groups }));
  }
}

function imageOf({ siteId }: DockerSite): string {
  return `edgesite-${siteId}/curl:1`;
}

function sliceOf(
  name: string,
  endpoints: readonly (TestPod | SliceEndpoint)[],
  port: { port: number; protocol: string },
): EndpointSlice {
  return {
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: '', ...port }],
    endpoints: endpoints.map(endpointOf),
  };
}

function endpointOf(endpoint: TestPod | SliceEndpoint): SliceEndpoint {
  if ('addresses' in endpoint) return endpoint;
  return { addresses: [endpoint.ip], nodeName: NODE, conditions: { ready: true } };
}
