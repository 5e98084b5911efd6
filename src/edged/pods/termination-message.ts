import { open } from 'node:fs/promises';
import type { Pod } from '../../api/kinds.ts';
import { errorCode } from '../../base/errors.ts';
import type { ContainerRuntime, ObservedContainer } from '../runtime.ts';
import type { PodFolders } from './pod-folders.ts';
import { allContainersOf } from './pod-view.ts';

/** As in kubelet. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_LINES = 80;
const MAX_LOG_BYTES = 2048;

/** What a container that has ended wrote into its message file or, where the pod asks for that, the end of its log. */
export async function terminationMessage(
  pod: Pod | undefined,
  ended: ObservedContainer,
  folders: PodFolders,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<string> {
  const written = await beginningOf(folders.terminationMessage(ended.pod.uid, ended.name, ended.attempt));
  if (written !== '' || ended.state.kind !== 'exited' || pod === undefined) return written;
  const spec = allContainersOf(pod).find(({ name }) => name === ended.name)?.spec;
  const fallsBack = spec?.terminationMessagePolicy === 'FallbackToLogsOnError';
  if (!fallsBack || ended.state.exitCode === 0 || ended.state.startedAt === undefined) return ended.state.error;
  return runtime.logTail(ended.id, MAX_LOG_LINES, MAX_LOG_BYTES, signal);
}

async function beginningOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(MAX_MESSAGE_BYTES) });
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
