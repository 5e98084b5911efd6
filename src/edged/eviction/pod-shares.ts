/** What each pod uses of the node. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ContainerRuntime } from '../runtime.ts';
import type { UsageSource } from '../server/ports.ts';
import type { PodFolders } from '../pods/pod-folders.ts';
import type { Share } from './plan-eviction.ts';

const run = promisify(execFile);
const BYTES_PER_KIB = 1024;
const COUNT_TIMEOUT_MS = 60_000;

export async function memoryShares(usage: UsageSource, signal: AbortSignal): Promise<Share[]> {
  const usages = await usage.containers(signal);
  return usages.map(({ podUid, container, memory }) => ({ podUid, container, bytes: memory.workingSetBytes }));
}

/** What containers have written beside their images, and what lies in the pods' own folders. */
export async function diskShares(
  runtime: Pick<ContainerRuntime, 'written'>,
  folders: PodFolders,
  podUids: readonly string[],
  signal: AbortSignal,
): Promise<Share[]> {
  const written = await runtime.written(signal);
  const own: Share[] = [];
  for (const podUid of podUids) {
    own.push({ podUid, container: '', bytes: await folderBytes(folders.pod(podUid), signal) });
  }
  return [...written, ...own];
}

/** 0 for a folder that is gone. Other file systems that are mounted in it do not count. */
async function folderBytes(path: string, signal: AbortSignal): Promise<number> {
  const options = { timeout: COUNT_TIMEOUT_MS, signal };
  const { stdout } = await run('du', ['-skx', path], options).catch((error: { readonly stdout?: string }) => {
    signal.throwIfAborted();
    // What vanishes while it is counted is told by the exit code: what was counted stands in the output all the same.
    return { stdout: error.stdout ?? '' };
  });
  return (Number(/^\d+/.exec(stdout)?.[0]) || 0) * BYTES_PER_KIB;
}
