/**
 * A container engine in memory. Its programs are shell lines of which it understands `sleep`, `echo TEXT` and `exit N`;
 * tests end containers themselves with `exit`.
 */
import {
  type ContainerRuntime,
  type ContainerSpec,
  type ExecResult,
  type ImageDetails,
  type ObservedContainer,
  type ObservedObject,
  type ObservedSandbox,
  type PodNetwork,
  type ResizableLimits,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeImage,
  type RuntimeVersion,
  type SandboxSpec,
} from '../../src/edged/runtime.ts';

interface Held {
  object: ObservedObject;
  readonly program: string;
  log: string;
  readonly names: string;
}

export class FakeRuntime implements ContainerRuntime {
  readonly held = new Map<string, Held>();
  readonly known = new Map<string, ImageDetails>();
  readonly calls: string[] = [];
  /** Set to make everything fail as if nobody answered. */
  away = false;
  diskUse = { totalBytes: 100, usedBytes: 10 };
  /** Makes the next calls of a verb fail, oldest first. */
  readonly failures = new Map<string, RuntimeError[]>();
  execute: (id: string, command: readonly string[]) => ExecResult = () => ({ exitCode: 0, output: '' });
  readonly #now: () => number;
  readonly #listeners = new Set<(event: RuntimeEvent | undefined) => void>();
  #next = 1;

  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  addImage(reference: string, user = ''): void {
    const id = `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0')}`;
    this.known.set(reference, { id, tags: [reference], digests: [], sizeBytes: 1, user });
  }

  /** The container's process ends by itself. */
  exit(id: string, exitCode: number, oomKilled = false): void {
    const held = this.#get(id);
    const { state } = held.object;
    if (state.kind === 'exited') return;
    const startedAt = state.kind === 'running' ? { startedAt: state.startedAt } : {};
    const ended = { kind: 'exited' as const, ...startedAt, finishedAt: this.#now(), exitCode, oomKilled, error: '' };
    held.object = { ...held.object, state: ended };
    this.#tell(held.object, 'die');
  }

  failNext(verb: string, error: RuntimeError): void {
    this.failures.set(verb, [...(this.failures.get(verb) ?? []), error]);
  }

  async version(): Promise<RuntimeVersion> {
    this.#enter('version');
    return { name: 'fake', version: '1.0.0', architecture: 'amd64' };
  }

  async prepare(): Promise<PodNetwork> {
    this.#enter('prepare');
    return { name: 'fake', subnet: '10.1.0.0/16', gateway: '10.1.0.1' };
  }

  async list(podUid: string | undefined): Promise<readonly ObservedObject[]> {
    this.#enter('list');
    return [...this.held.values()]
      .map(({ object }) => object)
      .filter((object) => podUid === undefined || object.pod.uid === podUid)
      .reverse();
  }

  async events(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>> {
    this.#enter('events');
    const queue: (RuntimeEvent | undefined)[] = [];
    let wake = () => {};
    const listener = (event: RuntimeEvent | undefined) => {
      queue.push(event);
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => listener(undefined), { once: true });
    const listeners = this.#listeners;
    return (async function* () {
      try {
        for (;;) {
          if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          const event = queue.shift();
          if (event === undefined) return;
          yield event;
        }
      } finally {
        listeners.delete(listener);
      }
    })();
  }

  /** As when the engine is restarted: event streams end. */
  dropEventStreams(): void {
    for (const listener of this.#listeners) listener(undefined);
  }

  async runSandbox(spec: SandboxSpec): Promise<ObservedSandbox> {
    this.#enter('runSandbox');
    const id = this.#take(`POD_${spec.pod.uid}_${spec.attempt}`);
    const sandbox: ObservedSandbox = {
      kind: 'sandbox',
      id,
      pod: spec.pod,
      attempt: spec.attempt,
      createdAt: this.#now(),
      state: { kind: 'running', startedAt: this.#now() },
      graceSeconds: spec.graceSeconds,
      ips: spec.network === 'host' ? [] : [`10.1.0.${this.#next}`],
    };
    this.held.set(id, { object: sandbox, program: '', log: '', names: `POD_${spec.pod.uid}_${spec.attempt}` });
    this.#tell(sandbox, 'start');
    return sandbox;
  }

  async createContainer(spec: ContainerSpec): Promise<string> {
    this.#enter('createContainer');
    if (![...this.known.values()].some(({ id }) => id === spec.imageId)) {
      throw new RuntimeError('NotFound', `No such image: ${spec.imageId}`);
    }
    const names = `${spec.name}_${spec.pod.uid}_${spec.attempt}`;
    const id = this.#take(names);
    const { pod, name, attempt, graceSeconds, sandboxId, hash, image, imageId } = spec;
    const object: ObservedContainer = {
      kind: 'container',
      id,
      pod,
      name,
      attempt,
      graceSeconds,
      sandboxId,
      hash,
      image,
      imageId,
      limits: {
        cpuShares: spec.limits.cpuShares,
        cpuQuota: spec.limits.cpuQuota,
        memoryBytes: spec.limits.memoryBytes,
      },
      createdAt: this.#now(),
      state: { kind: 'created' },
    };
    this.held.set(id, { object, program: [...spec.command, ...spec.args].join(' '), log: '', names });
    return id;
  }

  async startContainer(id: string): Promise<void> {
    this.#enter('startContainer');
    const held = this.#get(id);
    held.object = { ...held.object, state: { kind: 'running', startedAt: this.#now() } };
    held.log += /echo ([^;]*)/.exec(held.program)?.[1]?.concat('\n') ?? '';
    this.#tell(held.object, 'start');
    const code = /exit (\d+)/.exec(held.program)?.[1];
    if (code !== undefined) this.exit(id, Number(code));
  }

  async resize(id: string, limits: ResizableLimits): Promise<void> {
    this.#enter('resize', id);
    const held = this.#get(id);
    if (held.object.kind === 'container') held.object = { ...held.object, limits };
  }

  async written(): Promise<readonly { podUid: string; container: string; bytes: number }[]> {
    this.#enter('written');
    return [...this.held.values()].flatMap(({ object }) =>
      object.kind === 'container' ? [{ podUid: object.pod.uid, container: object.name, bytes: 0 }] : [],
    );
  }

  async stop(id: string, graceSeconds: number): Promise<void> {
    this.#enter('stop', `${id} ${graceSeconds}`);
    const held = this.held.get(id);
    if (held !== undefined) this.exit(id, held.object.kind === 'sandbox' ? 0 : 143);
  }

  async remove(id: string): Promise<void> {
    this.#enter('remove', id);
    const held = this.held.get(id);
    this.held.delete(id);
    if (held !== undefined) this.#tell(held.object, 'destroy');
  }

  async exec(id: string, command: readonly string[]): Promise<ExecResult> {
    this.#enter('exec', command.join(' '));
    this.#get(id);
    const script = command.join(' ');
    const code = /exit (\d+)/.exec(script)?.[1];
    if (code === undefined) return this.execute(id, command);
    return { exitCode: Number(code), output: /echo ([^;]*)/.exec(script)?.[1]?.concat('\n') ?? '' };
  }

  async logTail(id: string, lines: number, maxBytes: number): Promise<string> {
    this.#enter('logTail');
    const kept = this.#get(id)
      .log.split('\n')
      .slice(-lines - 1)
      .join('\n');
    return kept.slice(-maxBytes);
  }

  async images(): Promise<readonly RuntimeImage[]> {
    this.#enter('images');
    return [...this.known.values()];
  }

  async disk(): Promise<{ totalBytes: number; usedBytes: number }> {
    this.#enter('disk');
    return this.diskUse;
  }

  async image(reference: string): Promise<ImageDetails | undefined> {
    this.#enter('image');
    return this.known.get(reference) ?? [...this.known.values()].find(({ id }) => id === reference);
  }

  async pullImage(reference: string): Promise<void> {
    this.#enter('pullImage', reference);
    this.addImage(reference);
  }

  async removeImage(id: string): Promise<void> {
    this.#enter('removeImage', id);
    for (const [reference, image] of this.known) if (image.id === id) this.known.delete(reference);
  }

  #enter(verb: string, detail = ''): void {
    this.calls.push(detail === '' ? verb : `${verb} ${detail}`);
    if (this.away) throw new RuntimeError('Unavailable', 'connect ENOENT /var/run/docker.sock');
    const failure = this.failures.get(verb)?.shift();
    if (failure !== undefined) throw failure;
  }

  #take(names: string): string {
    for (const [id, held] of this.held) if (held.names === names) this.held.delete(id);
    return `c${this.#next++}`;
  }

  #get(id: string): Held {
    const held = this.held.get(id);
    if (held === undefined) throw new RuntimeError('NotFound', `No such container: ${id}`);
    return held;
  }

  #tell(object: ObservedObject, action: string): void {
    for (const listener of this.#listeners) listener({ podUid: object.pod.uid, containerId: object.id, action });
  }
}
