import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { type ExecResult, MAX_EXEC_OUTPUT_BYTES, RuntimeError } from '../runtime.ts';
import { call } from './docker-client.ts';
import { FrameReader } from './frames.ts';

/** Runs a command in a container and keeps the beginning of what it prints. Docker cannot end it before its time. */
export async function execInContainer(
  docker: Docker,
  id: string,
  command: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ExecResult> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    return await call(either, () => run(docker, id, command, either));
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    const text = `command "${command.join(' ')}" timed out after ${timeoutMs} ms`;
    throw new RuntimeError('DeadlineExceeded', text, error);
  }
}

async function run(docker: Docker, id: string, command: readonly string[], signal: AbortSignal): Promise<ExecResult> {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
    abortSignal: signal,
  });
  const stream = await exec.start({ abortSignal: signal });
  const output = await collect(stream, MAX_EXEC_OUTPUT_BYTES, signal);
  const { ExitCode } = await exec.inspect({ abortSignal: signal });
  return { exitCode: ExitCode ?? 0, output };
}

/** The text of a multiplexed stream, cut off after `maxBytes` but read to its end. */
async function collect(stream: Readable, maxBytes: number, signal: AbortSignal): Promise<string> {
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const frames = new FrameReader();
    const kept: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream) {
      for (const { data } of frames.read(chunk as Buffer)) {
        kept.push(data.subarray(0, Math.max(0, maxBytes - bytes)));
        bytes += data.length;
      }
    }
    return Buffer.concat(kept).toString('utf8');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
