import type Docker from 'dockerode';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Logger } from '../../base/logger.ts';
import { PAUSE_IMAGE, type PauseArchitecture, pauseImageTar } from '../pause/pause-image.ts';
import {
  type ContainerRuntime,
  type ContainerSpec,
  type ExecResult,
  type ImageDetails,
  isRuntimeError,
  type ObservedObject,
  type ObservedSandbox,
  type PodNetwork,
  type RegistryAuth,
  type ResizableLimits,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeImage,
  type RuntimeVersion,
  type SandboxSpec,
} from '../runtime.ts';
import { type BodyContext, type CreateBody, containerBody, limitsBody, sandboxBody } from './create-body.ts';
import { call, callUnless } from './docker-client.ts';
import { execInContainer } from './docker-exec.ts';
import { DockerImages } from './docker-images.ts';
import { podEvents, WATCHED_ACTIONS } from './event-stream.ts';
import { FrameReader } from './frames.ts';
import { dockerName, LABELS, SANDBOX_NAME } from './labels.ts';
import { observed } from './observed.ts';
import { SiteNetwork } from './site-network.ts';

/** How many inspections run at the same time. */
const MAX_PARALLEL_INSPECTS = 8;

export interface DockerRuntimeOptions {
  readonly docker: Docker;
  /** Of the data directory: marks what belongs to this site. */
  readonly siteId: string;
  /** Bytes with a unit, as Docker's log driver takes it: `10m`. */
  readonly logMaxSize: string;
  readonly logMaxFiles: number;
  readonly logger: Logger;
}

/** Whether the host lets a container be protected from the OOM killer: known after the first sandbox. */
type OomScores = 'unknown' | 'accepted' | 'refused';

export class DockerRuntime implements ContainerRuntime {
  readonly #docker: Docker;
  readonly #options: DockerRuntimeOptions;
  readonly #network: SiteNetwork;
  readonly #images: DockerImages;
  /** What has ended does not change any more: inspected once. */
  readonly #ended = new Map<string, ObservedObject>();
  /** Told by an event: the engine may hear of it only after the end, and its inspection then never says so. */
  readonly #outOfMemory = new Set<string>();
  #oomScores: OomScores = 'unknown';

  constructor(options: DockerRuntimeOptions) {
    this.#docker = options.docker;
    this.#options = options;
    this.#network = new SiteNetwork(options.docker, options.siteId);
    this.#images = new DockerImages(options.docker);
  }

  async version(signal: AbortSignal): Promise<RuntimeVersion> {
    const version = await call(signal, () => this.#docker.version());
    return { name: 'docker', version: version.Version, architecture: version.Arch };
  }

  async prepare(signal: AbortSignal): Promise<PodNetwork> {
    const [network] = await Promise.all([this.#network.ensure(signal), this.#ensureSandboxImage(signal)]);
    return network;
  }

  async list(podUid: string | undefined, signal: AbortSignal): Promise<readonly ObservedObject[]> {
    const label = [`${LABELS.site}=${this.#options.siteId}`, ...(podUid ? [`${LABELS.podUid}=${podUid}`] : [])];
    const found = await call(signal, () =>
      this.#docker.listContainers({ all: true, filters: { label }, abortSignal: signal }),
    );
    if (podUid === undefined) this.#forgetAllBut(new Set(found.map(({ Id }) => Id)));
    const objects: ObservedObject[] = [];
    for (let start = 0; start < found.length; start += MAX_PARALLEL_INSPECTS) {
      const some = found.slice(start, start + MAX_PARALLEL_INSPECTS);
      const inspected = await Promise.all(some.map(({ Id, State }) => this.#inspect(Id, State, signal)));
      objects.push(...inspected.filter((object) => object !== undefined));
    }
    return objects.sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt);
  }

  async events(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>> {
    const filters = {
      type: ['container' as const],
      label: [`${LABELS.site}=${this.#options.siteId}`],
      event: [...WATCHED_ACTIONS],
    };
    const stream = await call(signal, () => this.#docker.getEvents({ filters, abortSignal: signal }));
    // Node's request lets go of the signal once the response flows.
    return this.#noted(podEvents(addAbortSignal(signal, stream as Readable)));
  }

  async runSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<ObservedSandbox> {
    await this.prepare(signal);
    const first = this.#oomScores;
    try {
      const sandbox = await this.#createAndStart(spec, first !== 'refused', signal);
      if (first === 'unknown') this.#oomScores = 'accepted';
      return sandbox;
    } catch (error) {
      if (first !== 'unknown' || !isRuntimeError(error, 'Refused')) throw error;
      return this.#runUnprotected(spec, error, signal);
    }
  }

  async createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string> {
    const name = dockerName(spec.name, spec.pod, spec.attempt);
    return this.#create(name, containerBody(spec, this.#bodyContext(this.#oomScores !== 'refused')), signal);
  }

  async startContainer(id: string, signal: AbortSignal): Promise<void> {
    await callUnless(signal, [304], () => this.#docker.getContainer(id).start({ abortSignal: signal }));
  }

  async resize(id: string, limits: ResizableLimits, signal: AbortSignal): Promise<void> {
    await call(signal, () => this.#docker.getContainer(id).update({ ...limitsBody(limits), abortSignal: signal }));
  }

  async stop(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(id);
    await callUnless(signal, [304, 404], () => container.stop({ t: Math.max(0, graceSeconds), abortSignal: signal }));
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    const container = this.#docker.getContainer(id);
    // 409: somebody else removes it already.
    await callUnless(signal, [404, 409], () => container.remove({ v: true, force: true, abortSignal: signal }));
    this.#ended.delete(id);
    this.#outOfMemory.delete(id);
  }

  async exec(id: string, command: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<ExecResult> {
    return execInContainer(this.#docker, id, command, timeoutMs, signal);
  }

  async logTail(id: string, lines: number, maxBytes: number, signal: AbortSignal): Promise<string> {
    const container = this.#docker.getContainer(id);
    const output = await call(signal, async () => {
      const { Config } = await container.inspect({ abortSignal: signal });
      const logs = await container.logs({ stdout: true, stderr: true, tail: lines, abortSignal: signal });
      return Config.Tty ? logs : Buffer.concat([...new FrameReader().read(logs)].map(({ data }) => data));
    });
    return output.subarray(Math.max(0, output.length - maxBytes)).toString('utf8');
  }

  async images(signal: AbortSignal): Promise<readonly RuntimeImage[]> {
    return this.#images.list(signal);
  }

  async written(signal: AbortSignal): Promise<readonly { podUid: string; container: string; bytes: number }[]> {
    const filters = { label: [`${LABELS.site}=${this.#options.siteId}`] };
    const found = await call(signal, () =>
      this.#docker.listContainers({ all: true, size: true, filters, abortSignal: signal }),
    );
    return found
      .filter(({ Labels }) => Labels[LABELS.type] === 'container')
      .map(({ Labels, ...sizes }) => ({
        podUid: Labels[LABELS.podUid] ?? '',
        container: Labels[LABELS.containerName] ?? '',
        // Which the types of dockerode leave out.
        bytes: (sizes as { SizeRw?: number }).SizeRw ?? 0,
      }));
  }

  async disk(signal: AbortSignal): Promise<{ totalBytes: number; usedBytes: number }> {
    return this.#images.disk(signal);
  }

  async image(reference: string, signal: AbortSignal): Promise<ImageDetails | undefined> {
    return this.#images.inspect(reference, signal);
  }

  async pullImage(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<void> {
    await this.#images.pull(reference, auth, signal);
  }

  async removeImage(id: string, signal: AbortSignal): Promise<void> {
    await this.#images.remove(id, signal);
  }

  async #ensureSandboxImage(signal: AbortSignal): Promise<void> {
    if ((await this.#images.inspect(PAUSE_IMAGE, signal)) !== undefined) return;
    const { architecture } = await this.version(signal);
    await this.#images.load(await pauseImageTar(pauseArchitecture(architecture)), signal);
  }

  async *#noted(events: AsyncIterable<RuntimeEvent>): AsyncGenerator<RuntimeEvent> {
    for await (const event of events) {
      if (event.action === 'oom') {
        this.#outOfMemory.add(event.containerId);
        this.#ended.delete(event.containerId);
      }
      yield event;
    }
  }

  async #inspect(id: string, state: string, signal: AbortSignal): Promise<ObservedObject | undefined> {
    const ended = this.#ended.get(id);
    if (ended !== undefined && state === 'exited') return ended;
    try {
      const info = await call(signal, () => this.#docker.getContainer(id).inspect({ abortSignal: signal }));
      const object = observed(info, this.#outOfMemory.has(id));
      if (object !== undefined && info.State.Status === 'exited') this.#ended.set(id, object);
      return object;
    } catch (error) {
      if (isRuntimeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #runUnprotected(spec: SandboxSpec, refusal: unknown, signal: AbortSignal): Promise<ObservedSandbox> {
    const sandbox = await this.#createAndStart(spec, false, signal);
    if (this.#oomScores === 'refused') return sandbox;
    this.#oomScores = 'refused';
    this.#options.logger.warn(
      { cause: refusal },
      'this host refuses negative OOM scores: sandboxes and guaranteed pods run without protection from the OOM killer',
    );
    return sandbox;
  }

  async #createAndStart(spec: SandboxSpec, negativeOomScores: boolean, signal: AbortSignal): Promise<ObservedSandbox> {
    const name = dockerName(SANDBOX_NAME, spec.pod, spec.attempt);
    const id = await this.#create(name, sandboxBody(spec, this.#bodyContext(negativeOomScores)), signal);
    try {
      await this.startContainer(id, signal);
      const sandbox = await this.#inspect(id, 'running', signal);
      if (sandbox?.kind !== 'sandbox') throw new RuntimeError('NotFound', `the sandbox ${name} is gone`);
      return sandbox;
    } catch (error) {
      this.#network.forget();
      // Also when the caller has lost interest: nothing half-made may stay.
      await this.remove(id, AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS));
      throw error;
    }
  }

  /** A name taken by a leftover of an earlier attempt that did not get further is freed. */
  async #create(name: string, body: CreateBody, signal: AbortSignal): Promise<string> {
    const create = async () => {
      const container = await this.#docker.createContainer(asOptions(name, body, signal));
      return container.id;
    };
    try {
      return await call(signal, create);
    } catch (error) {
      if (!isRuntimeError(error, 'Conflict')) throw error;
      await this.remove(name, signal);
      return call(signal, create);
    }
  }

  #bodyContext(negativeOomScores: boolean): BodyContext {
    const { siteId, logMaxSize, logMaxFiles } = this.#options;
    return {
      siteId,
      network: this.#network.name,
      sandboxImage: PAUSE_IMAGE,
      logMaxSize,
      logMaxFiles,
      negativeOomScores,
    };
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const known of [this.#ended, this.#outOfMemory]) {
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    }
  }
}

const CLEAN_UP_TIMEOUT_MS = 10_000;

/** dockerode puts all options into the query and the body alike unless told which is which, as only it knows. */
function asOptions(name: string, body: CreateBody, signal: AbortSignal): CreateBody {
  const split = { _query: { name }, _body: body, abortSignal: signal };
  return split as unknown as CreateBody;
}

function pauseArchitecture(architecture: string): PauseArchitecture {
  if (architecture === 'amd64' || architecture === 'arm64') return architecture;
  throw new RuntimeError('Refused', `no sandbox image for the architecture ${architecture}`);
}
