import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import { readTextIfThere } from '../../base/files.ts';
import { PodProblem, type ProblemReason } from '../pod-problem.ts';
import type { ContainerSpec, Mount } from '../runtime.ts';
import { volumeMounts } from '../volumes/mounts.ts';
import { containerEnv } from './container-env.ts';
import { newestOf, type PodObservation } from './observation.ts';
import type { PodAction } from './pod-action.ts';
import { identityOf } from './pod-view.ts';
import { containerSpecOf } from './runtime-specs.ts';
import { localSeccompProfileOf, securityOptionsOf } from './security-options.ts';
import { placeOf } from './pod-place.ts';
import type { PodTools } from './pod-tools.ts';

type StartAction = Extract<PodAction, { kind: 'startContainer' }>;

const DEFAULT_MESSAGE_PATH = '/dev/termination-log';
/** Whoever the container runs as may write its last words. */
const MESSAGE_FILE_MODE = 0o666;
const POST_START_TIMEOUT_MS = 10 * 60_000;

/** From a container of the pod to a running one: image, configuration, creation, start, hook. Throws PodProblem. */
export class ContainerStarter {
  readonly #tools: PodTools;

  constructor(tools: PodTools) {
    this.#tools = tools;
  }

  async start(pod: Pod, observed: PodObservation, action: StartAction, signal: AbortSignal): Promise<void> {
    const { runtime } = this.#tools;
    const { name } = action.container;
    const spec = await this.#specOf(pod, observed, action, signal);
    const id = await this.#step(pod, name, 'CreateContainerError', signal, () => runtime.createContainer(spec, signal));
    this.#tools.events.container(pod, name, 'Normal', 'Created', 'Container created');
    await this.#step(pod, name, 'RunContainerError', signal, () => runtime.startContainer(id, signal));
    this.#tools.events.container(pod, name, 'Normal', 'Started', 'Container started');
    await this.#postStart(pod, observed, action, id, signal);
  }

  async #specOf(pod: Pod, observed: PodObservation, action: StartAction, signal: AbortSignal): Promise<ContainerSpec> {
    const { container, attempt, sandboxId } = action;
    const image = await this.#tools.images.ensure(pod, container.spec, signal);
    return this.#step(pod, container.name, 'CreateContainerConfigError', signal, async () => {
      const { settings, services, objects, volumes } = this.#tools;
      const env = await containerEnv(
        {
          pod,
          container: container.spec,
          place: placeOf(pod, observed, this.#tools),
          services: services(identityOf(pod).namespace),
          api: settings.api,
          objects,
        },
        signal,
      );
      const own = await volumeMounts(pod, container.spec, volumes, env);
      const mounts = [...own, ...(await this.#nodeMounts(pod, action, own))];
      const security = securityOptionsOf(pod, container.spec, image, await this.#localSeccomp(pod, action));
      const target = pod.spec?.ephemeralContainers?.find(({ name }) => name === container.name)?.targetContainerName;
      const targetId = target === undefined ? undefined : newestOf(observed, target)?.id;
      const memoryCapacityBytes = settings.memoryBytes;
      return containerSpecOf({
        pod,
        container,
        attempt,
        sandboxId,
        image,
        env,
        mounts,
        security,
        memoryCapacityBytes,
        targetId,
      });
    });
  }

  /** The files that every container gets, unless it brings its own. */
  async #nodeMounts(pod: Pod, { container, attempt }: StartAction, own: readonly Mount[]): Promise<Mount[]> {
    const { folders } = this.#tools;
    const { uid } = identityOf(pod);
    const messages = folders.terminationMessage(uid, container.name, attempt);
    await mkdir(dirname(messages), { recursive: true });
    await writeFile(messages, '');
    await chmod(messages, MESSAGE_FILE_MODE);
    const resolvConf = folders.resolvConf(uid);
    const hasResolvConf = (await readTextIfThere(resolvConf)) !== undefined;
    const wanted = [
      { hostPath: messages, containerPath: container.spec.terminationMessagePath ?? DEFAULT_MESSAGE_PATH },
      { hostPath: folders.etcHosts(uid), containerPath: '/etc/hosts' },
      ...(hasResolvConf ? [{ hostPath: resolvConf, containerPath: '/etc/resolv.conf' }] : []),
    ];
    return wanted
      .filter(({ containerPath }) => !own.some((mount) => mount.containerPath === containerPath))
      .map((mount) => ({ ...mount, readOnly: false, propagation: 'private' }));
  }

  async #localSeccomp(pod: Pod, { container }: StartAction): Promise<string | undefined> {
    const profile = localSeccompProfileOf(pod, container.spec);
    if (profile === undefined) return undefined;
    return readFile(join(this.#tools.folders.seccomp, profile), 'utf8');
  }

  async #postStart(
    pod: Pod,
    observed: PodObservation,
    { container }: StartAction,
    containerId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const hook = container.spec.lifecycle?.postStart;
    if (hook === undefined) return;
    const { hooks, events, runtime } = this.#tools;
    const podIp = placeOf(pod, observed, this.#tools).podIps[0] ?? '';
    try {
      await hooks.run(hook, { container: container.spec, containerId, podIp }, POST_START_TIMEOUT_MS, signal);
    } catch (error) {
      signal.throwIfAborted();
      events.container(
        pod,
        container.name,
        'Warning',
        'FailedPostStartHook',
        `PostStartHook failed: ${messageOf(error)}`,
      );
      events.container(pod, container.name, 'Normal', 'Killing', 'FailedPostStartHook');
      await runtime.stop(containerId, 0, signal);
      throw new PodProblem('PostStartHookError', messageOf(error), { cause: error });
    }
  }

  /** Runs one step; its failure is told in an event and carries the reason for the container's status. */
  async #step<T>(
    pod: Pod,
    container: string,
    reason: ProblemReason,
    signal: AbortSignal,
    run: () => Promise<T>,
  ): Promise<T> {
    try {
      return await run();
    } catch (error) {
      signal.throwIfAborted();
      this.#tools.events.container(pod, container, 'Warning', 'Failed', `Error: ${messageOf(error)}`);
      throw error instanceof PodProblem ? error : new PodProblem(reason, messageOf(error), { cause: error });
    }
  }
}
