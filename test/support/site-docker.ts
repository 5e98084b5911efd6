/** What a real site made in Docker, found by the identity in its data directory; taken away at the end of a test. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { dockerAt } from '../../src/edged/docker/docker-client.ts';
import { LABELS } from '../../src/edged/docker/labels.ts';
import { makeBusyboxImage } from './test-image.ts';

/** How long a test waits for containers. */
const WAIT_MS = 60_000;
const docker = dockerAt('unix:///var/run/docker.sock');

export interface SiteContainer {
  readonly id: string;
  readonly pod: string;
  readonly container: string;
  readonly running: boolean;
}

/** Busybox, with `further` programs of this machine. */
export async function makeImage(name: string, further: readonly string[] = []): Promise<void> {
  await makeBusyboxImage(docker, name, further);
}

export async function removeImage(name: string): Promise<void> {
  await docker.getImage(name).remove({ force: true });
}

/** The containers of pods, without sandboxes, in any state. */
export async function siteContainers(dataDir: string): Promise<SiteContainer[]> {
  const found = await docker.listContainers({ all: true, filters: await ownedBy(dataDir) });
  return found
    .filter(({ Labels }) => Labels[LABELS.type] === 'container')
    .map(({ Id, Labels, State }) => ({
      id: Id,
      pod: Labels[LABELS.podName] ?? '',
      container: Labels[LABELS.containerName] ?? '',
      running: State === 'running',
    }));
}

export async function killContainer(id: string): Promise<void> {
  await docker.getContainer(id).kill();
}

/** Resolves when `count` containers of pods run; looks again at each event of the engine. */
export async function containersRunning(dataDir: string, count: number): Promise<void> {
  const events = (await docker.getEvents({ filters: await ownedBy(dataDir) })) as Readable;
  const late = setTimeout(() => events.destroy(new Error(`no ${count} containers run after ${WAIT_MS} ms`)), WAIT_MS);
  try {
    if (await enough(dataDir, count)) return;
    for await (const event of events) if (String(event) !== '' && (await enough(dataDir, count))) return;
  } finally {
    clearTimeout(late);
    events.destroy();
  }
}

async function enough(dataDir: string, count: number): Promise<boolean> {
  return (await siteContainers(dataDir)).filter(({ running }) => running).length >= count;
}

/** Its rules in the packet filter go too. */
export async function removeSiteFromDocker(dataDir: string): Promise<void> {
  execFileSync('scripts/uninstall.sh', ['--rules', await siteIdOf(dataDir)]);
  const filters = await ownedBy(dataDir);
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => removed(Id)));
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
}

/** Resolves when the container has gone, also where the site had begun to remove it when it ended. */
async function removed(id: string): Promise<void> {
  const container = docker.getContainer(id);
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode === 409) await container.wait({ condition: 'removed' }).catch(unlessGone);
    else unlessGone(error);
  }
}

function unlessGone(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}

async function ownedBy(dataDir: string): Promise<{ label: string[] }> {
  return { label: [`${LABELS.site}=${await siteIdOf(dataDir)}`] };
}

async function siteIdOf(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, 'site-id'), 'utf8')).trim();
}
