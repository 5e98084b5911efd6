/** A kubelet server on the real Docker Engine with one pod, made by hand: for tests of what streams through it. */
import { once } from 'node:events';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Pod } from '../../src/api/kinds.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { DockerStreams } from '../../src/edged/docker/streams.ts';
import { DockerUsage } from '../../src/edged/docker/usage.ts';
import { mastersOnly } from '../../src/edged/server/authorize-peer.ts';
import { KubeletServer } from '../../src/edged/server/kubelet-server.ts';
import type { PodSource, VolumeUsage } from '../../src/edged/server/ports.ts';
import { dockerSite, type DockerSite } from './docker-site.ts';
import { testPki } from './pki.ts';
import { containerSpec, podIdentity, sandboxSpec } from './specs.ts';

const signal = new AbortController().signal;
const VOLUME: VolumeUsage = {
  name: 'data',
  pvcRef: { namespace: 'default', name: 'data-web' },
  time: Date.parse('2026-01-01T00:00:00Z'),
  usedBytes: 4096,
  inodesUsed: 1,
  capacityBytes: 1_000_000,
  availableBytes: 500_000,
  inodes: 100,
  inodesFree: 50,
};

export interface KubeletSite {
  readonly site: DockerSite;
  readonly server: KubeletServer;
  readonly pod: Pod;
  /** Answers with the switched connection or the refusal's text. */
  upgrade(path: string, headers: Record<string, string>): Promise<Duplex | string>;
  get(path: string): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

export interface ContainerChoice {
  readonly command: readonly string[];
  readonly tty?: boolean;
  readonly stdin?: boolean;
}

export async function kubeletSite(container: ContainerChoice): Promise<KubeletSite> {
  const site = await dockerSite();
  const pod = await runPod(site, container);
  const pods: PodSource = {
    list: () => [pod],
    get: (namespace, name) => (namespace === 'default' && name === 'web' ? pod : undefined),
  };
  const pki = await testPki();
  const server = new KubeletServer({
    nodeName: 'edge-node',
    host: '127.0.0.1',
    port: 0,
    tls: { cert: pki.kubelet.certPem, key: pki.kubelet.keyPem, clientCa: pki.authority.certPem },
    pods,
    streams: new DockerStreams(site.docker, site.siteId),
    usage: new DockerUsage(site.docker, site.siteId, systemClock),
    volumes: { of: () => [VOLUME] },
    authorize: mastersOnly,
    clock: systemClock,
    logger: silentLogger,
  });
  await server.start(signal);
  const { authority, kubeletClient } = pki;
  const connection = () => ({
    host: '127.0.0.1',
    port: server.port,
    ca: authority.certPem,
    cert: kubeletClient.certPem,
    key: kubeletClient.keyPem,
    agent: false as const,
  });
  return {
    site,
    server,
    pod,
    upgrade: async (path, headers) => {
      const outgoing = request({
        ...connection(),
        path,
        method: 'POST',
        headers: { connection: 'Upgrade', ...headers },
      });
      outgoing.end();
      return await Promise.race([
        once(outgoing, 'upgrade').then((event) => {
          const [, socket, head] = event as [unknown, Duplex, Buffer];
          if (head.length > 0) socket.unshift(head);
          return socket;
        }),
        once(outgoing, 'response').then(([response]) => textOf(response as AsyncIterable<Buffer>)),
      ]);
    },
    get: async (path) => {
      const outgoing = request({ ...connection(), path });
      outgoing.end();
      const [response] = await once(outgoing, 'response');
      return { status: response.statusCode, body: await textOf(response) };
    },
    close: async () => {
      await server.close();
      await site.close();
    },
  };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function runPod({ runtime, image }: DockerSite, choice: ContainerChoice): Promise<Pod> {
  const identity = podIdentity('11111111-2222-3333-4444-555555555555');
  const sandbox = await runtime.runSandbox(sandboxSpec(identity), signal);
  const spec = containerSpec(identity, {
    sandboxId: sandbox.id,
    image,
    imageId: image,
    command: choice.command,
    tty: choice.tty ?? false,
    stdin: choice.stdin ?? false,
  });
  const id = await runtime.createContainer(spec, signal);
  await runtime.startContainer(id, signal);
  return {
    metadata: { namespace: 'default', name: 'web', uid: identity.uid },
    spec: { nodeName: 'edge-node', containers: [{ name: 'main' }, { name: 'late' }] },
    status: {
      podIP: sandbox.ips[0] ?? '',
      containerStatuses: [
        status('main', `docker://${id}`, { running: { startedAt: '2026-01-01T00:00:00Z' } }),
        status('late', '', { waiting: { reason: 'ContainerCreating' } }),
      ],
    },
  };
}

function status(name: string, containerID: string, state: object) {
  return { name, containerID, state, image: '', imageID: '', ready: true, restartCount: 0 };
}
