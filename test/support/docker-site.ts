/** A site's share of the real Docker Engine for one test file: an own mark, and everything taken away at the end. */
import { randomBytes } from 'node:crypto';
import type Docker from 'dockerode';
import { silentLogger } from '../../src/base/logger.ts';
import { dockerAt } from '../../src/edged/docker/docker-client.ts';
import { DockerRuntime } from '../../src/edged/docker/docker-runtime.ts';
import { makeBusyboxImage } from './test-image.ts';

export interface DockerSite {
  readonly docker: Docker;
  readonly siteId: string;
  readonly runtime: DockerRuntime;
  /** Of this site only, with a busybox inside. */
  readonly image: string;
  close(): Promise<void>;
}

export async function dockerSite(): Promise<DockerSite> {
  const docker = dockerAt('unix:///var/run/docker.sock');
  const siteId = `test-${randomBytes(4).toString('hex')}`;
  const image = `edgesite-${siteId}/busybox:1`;
  await makeBusyboxImage(docker, image);
  const runtime = new DockerRuntime({ docker, siteId, logMaxSize: '1m', logMaxFiles: 2, logger: silentLogger });
  return { docker, siteId, runtime, image, close: () => cleanUp(docker, siteId, image) };
}

async function cleanUp(docker: Docker, siteId: string, image: string): Promise<void> {
  const filters = { label: [`edgesite.io/site=${siteId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
  await docker.getImage(image).remove({ force: true });
}
