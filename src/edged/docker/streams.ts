/** Processes, logs and connections inside of containers, streamed as fast as their readers go. */
import { once } from 'node:events';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type Docker from 'dockerode';
import type { Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { systemClock } from '../../base/clock.ts';
import { PAUSE_PROGRAM } from '../pause/pause-image.ts';
import { RuntimeError } from '../runtime.ts';
import type { ContainerStreams, LogQuery, ProcessStreams, TerminalSize } from '../server/ports.ts';
import { call, translate } from './docker-client.ts';
import { type Frame, FrameReader } from './frames.ts';
import { LABELS } from './labels.ts';

/** A terminal cannot be sized before its process is there. */
const MAX_RESIZE_TRIES = 10;
const RESIZE_RETRY_MS = 20;
/** The engine tells an exit code a little after the outputs have ended. */
const MAX_EXIT_CODE_TRIES = 50;
const EXIT_CODE_RETRY_MS = 20;
const MAX_ERROR_BYTES = 1024;

export class DockerStreams implements ContainerStreams {
  readonly #docker: Docker;
  readonly #siteId: string;

  constructor(docker: Docker, siteId: string) {
    this.#docker = docker;
    this.#siteId = siteId;
  }

  async exec(
    containerId: string,
    command: readonly string[],
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<number> {
    const exec = await call(signal, () =>
      this.#docker.getContainer(containerId).exec({
        Cmd: [...command],
        AttachStdin: streams.stdin !== undefined,
        AttachStdout: streams.stdout !== undefined,
        AttachStderr: streams.stderr !== undefined,
        Tty: streams.tty,
        abortSignal: signal,
      }),
    );
    const connection = await call(signal, () => exec.start({ hijack: true, stdin: true, Tty: streams.tty }));
    await converse(connection, streams, streams.tty, (size) => exec.resize(size), signal);
    return call(signal, () => exitCode(exec, signal));
  }

  async attach(containerId: string, streams: ProcessStreams, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(containerId);
    const { Config } = await call(signal, () => container.inspect({ abortSignal: signal }));
    const connection = await call(signal, () =>
      container.attach({
        stream: true,
        hijack: true,
        stdin: streams.stdin !== undefined,
        stdout: streams.stdout !== undefined,
        stderr: streams.stderr !== undefined || Config.Tty,
      }),
    );
    await converse(connection as Duplex, streams, Config.Tty, (size) => container.resize(size), signal);
  }

  async *logs(containerId: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const container = this.#docker.getContainer(containerId);
    const { Config } = await call(signal, () => container.inspect({ abortSignal: signal }));
    const log = await call(signal, () => container.logs(streamedLogs(query, Config.Tty)));
    let left = query.limitBytes ?? Number.POSITIVE_INFINITY;
    for await (const { data } of framesOf(log as Readable, Config.Tty, signal)) {
      yield data.subarray(0, Math.min(left, data.length));
      left -= data.length;
      if (left <= 0) return;
    }
  }

  async connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex> {
    const exec = await call(signal, async () => {
      const sandbox = this.#docker.getContainer(await this.#sandboxId(pod, signal));
      return sandbox.exec({
        Cmd: [PAUSE_PROGRAM, 'forward', String(port)],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        abortSignal: signal,
      });
    });
    const connection = await call(signal, () => exec.start({ hijack: true, stdin: true }));
    return Duplex.from({ writable: connection, readable: forwarded(connection, signal) });
  }

  async #sandboxId(pod: Pod, signal: AbortSignal): Promise<string> {
    const label = [
      `${LABELS.site}=${this.#siteId}`,
      `${LABELS.podUid}=${pod.metadata?.uid ?? ''}`,
      `${LABELS.type}=podsandbox`,
    ];
    const filters = { label, status: ['running'] };
    const [sandbox] = await this.#docker.listContainers({ filters, abortSignal: signal });
    if (sandbox === undefined) throw new RuntimeError('NotFound', `pod ${objectKey(pod)} has no running sandbox`);
    return sandbox.Id;
  }
}

/** Joins the client's streams to a process until its outputs end. */
async function converse(
  connection: Duplex,
  streams: ProcessStreams,
  tty: boolean,
  resize: (size: { h: number; w: number }) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  // A process that ends while its client still types breaks the pipe: its outputs tell all there is to tell.
  connection.on('error', () => undefined);
  if (streams.stdin !== undefined) streams.stdin.pipe(connection);
  const over = new AbortController();
  void followSizes(streams.resizes, resize, AbortSignal.any([signal, over.signal]));
  try {
    for await (const { stream, data } of framesOf(connection, tty, signal)) {
      const target = stream === 'stderr' ? streams.stderr : streams.stdout;
      if (target !== undefined) await write(target, data, signal);
    }
  } finally {
    over.abort();
    streams.stdin?.unpipe(connection);
    connection.destroy();
  }
}

/** Never rejects: a terminal of the wrong size is still a terminal. */
async function followSizes(
  sizes: AsyncIterable<TerminalSize>,
  resize: (size: { h: number; w: number }) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const { width, height } of sizes) {
      await retried(MAX_RESIZE_TRIES, RESIZE_RETRY_MS, signal, () => resize({ w: width, h: height }));
    }
  } catch {
    // The client or the process has gone.
  }
}

/** The parts of a multiplexed stream; of a terminal's all are output. Ends with the stream, throws at an abort. */
async function* framesOf(stream: Readable, tty: boolean, signal: AbortSignal): AsyncGenerator<Frame> {
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const frames = new FrameReader();
  try {
    for await (const chunk of stream) {
      if (tty) yield { stream: 'stdout', data: chunk as Buffer };
      else yield* frames.read(chunk as Buffer);
    }
  } catch (error) {
    throw translate(error, signal);
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

async function write(target: Writable, data: Buffer, signal: AbortSignal): Promise<void> {
  if (target.destroyed || target.writableEnded) return;
  if (!target.write(data)) await once(target, 'drain', { signal });
}

/** What the pod's port sends. What the sandbox program says on stderr is why it failed. */
async function* forwarded(connection: Duplex, signal: AbortSignal): AsyncGenerator<Buffer> {
  let trouble = '';
  for await (const { stream, data } of framesOf(connection, false, signal)) {
    if (stream === 'stdout') yield data;
    else if (trouble.length < MAX_ERROR_BYTES) trouble += data.toString('latin1');
  }
  if (trouble !== '') throw new RuntimeError('Refused', trouble.trim());
}

/** `follow` also tells dockerode to stream; what the engine is asked stands in `_query`. */
function streamedLogs(query: LogQuery, tty: boolean): { follow: true } {
  const { follow, timestamps, tailLines, since, stream } = query;
  const asked = {
    follow,
    timestamps,
    // A terminal has one output.
    stdout: tty || stream !== 'Stderr',
    stderr: stream !== 'Stdout',
    ...(tailLines === undefined ? {} : { tail: tailLines }),
    ...(since === undefined ? {} : { since: (since / 1000).toFixed(3) }),
  };
  return Object.assign({ follow: true as const }, { ['_query']: asked });
}

async function exitCode(exec: Docker.Exec, signal: AbortSignal): Promise<number> {
  return retried(MAX_EXIT_CODE_TRIES, EXIT_CODE_RETRY_MS, signal, async () => {
    const { ExitCode } = await exec.inspect({ abortSignal: signal });
    if (ExitCode === null) throw new RuntimeError('Conflict', 'the process has not ended');
    return ExitCode;
  });
}

async function retried<T>(tries: number, pauseMs: number, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= tries || signal.aborted) throw error;
      await systemClock.sleep(pauseMs, signal);
    }
  }
}
