import type { Container, Pod, Secret } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import type { BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ObjectSource } from '../object-source.ts';
import { PodProblem } from '../pod-problem.ts';
import type { PodEvents } from '../pods/pod-events.ts';
import { identityOf } from '../pods/pod-view.ts';
import type { ContainerRuntime, ImageDetails, RegistryAuth } from '../runtime.ts';
import { type ImageReference, parseImageReference } from './image-reference.ts';
import { credentialsFor } from './registry-auth.ts';

const SECRETS = builtIn('v1', 'secrets');
/** As kubelet: 10 s to 5 min. */
const PULL_RETRY: BackoffPolicy = { baseMs: 10_000, maxMs: 300_000, jitter: 0 };

export interface PodImagesOptions {
  readonly runtime: ContainerRuntime;
  readonly objects: ObjectSource;
  readonly events: PodEvents;
  readonly clock: Clock;
}

/** Images for containers, by their pull policy. Pulls of the same image at the same time are one. */
export class PodImages {
  readonly #options: PodImagesOptions;
  readonly #pulling = new Map<string, Promise<void>>();

  constructor(options: PodImagesOptions) {
    this.#options = options;
  }

  /** The image, pulled where the policy asks for that. Throws PodProblem with kubelet's reason. */
  async ensure(pod: Pod, container: Container, signal: AbortSignal): Promise<ImageDetails> {
    const image = container.image ?? '';
    const reference = parseImageReference(image);
    if (reference === undefined) throw this.#invalidName(pod, container, image);
    const policy = container.imagePullPolicy ?? (reference.tag === 'latest' ? 'Always' : 'IfNotPresent');
    const present = policy === 'Always' ? undefined : await this.#options.runtime.image(reference.full, signal);
    if (present !== undefined) {
      const text = `Container image "${image}" already present on machine and can be accessed by the pod`;
      this.#options.events.container(pod, container.name, 'Normal', 'Pulled', text);
      return present;
    }
    if (policy === 'Never') throw this.#never(pod, container, image);
    return this.#pull(pod, container, reference, signal);
  }

  async #pull(pod: Pod, container: Container, reference: ImageReference, signal: AbortSignal): Promise<ImageDetails> {
    const { runtime, events, clock } = this.#options;
    const image = container.image ?? '';
    const began = clock.now();
    events.container(pod, container.name, 'Normal', 'Pulling', `Pulling image "${image}"`);
    try {
      await this.#pullOnce(reference, await this.#credentials(pod, reference, signal), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failed(pod, container, image, error);
    }
    const pulled = await runtime.image(reference.full, signal);
    if (pulled === undefined) throw new PodProblem('ImageInspectError', `image "${image}" is gone again`);
    const took = `${((clock.now() - began) / 1000).toFixed(3)}s`;
    const size = `Image size: ${pulled.sizeBytes} bytes.`;
    const text = `Successfully pulled image "${image}" in ${took} (${took} including waiting). ${size}`;
    events.container(pod, container.name, 'Normal', 'Pulled', text);
    return pulled;
  }

  async #pullOnce(reference: ImageReference, auths: readonly RegistryAuth[], signal: AbortSignal): Promise<void> {
    const running = this.#pulling.get(reference.full);
    // Somebody else's pull may be given up with their pod: then it is our turn.
    if (
      running !== undefined &&
      (await running.then(
        () => true,
        () => false,
      ))
    )
      return;
    const pull = this.#tryEach(reference, auths, signal);
    this.#pulling.set(reference.full, pull);
    try {
      await pull;
    } finally {
      if (this.#pulling.get(reference.full) === pull) this.#pulling.delete(reference.full);
    }
  }

  async #tryEach(reference: ImageReference, auths: readonly RegistryAuth[], signal: AbortSignal): Promise<void> {
    let refusal: unknown;
    for (const auth of auths.length === 0 ? [undefined] : auths) {
      try {
        return await this.#options.runtime.pullImage(reference.full, auth, signal);
      } catch (error) {
        signal.throwIfAborted();
        refusal = error;
      }
    }
    throw refusal;
  }

  async #credentials(pod: Pod, reference: ImageReference, signal: AbortSignal): Promise<RegistryAuth[]> {
    const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
    const secrets = await Promise.all(names.map((name) => this.#secret(pod, name, signal)));
    return credentialsFor(
      reference,
      secrets.filter((secret) => secret !== undefined),
    );
  }

  async #secret(pod: Pod, name: string, signal: AbortSignal): Promise<Secret | undefined> {
    try {
      return (await this.#options.objects.get<Secret>(SECRETS, identityOf(pod).namespace, name, signal)).object;
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      const list = `[${name}]`;
      const text = `Unable to retrieve some image pull secrets ${list}; attempting to pull the image may not succeed.`;
      this.#options.events.pod(pod, 'Warning', 'FailedToRetrieveImagePullSecret', text);
      return undefined;
    }
  }

  #failed(pod: Pod, container: Container, image: string, error: unknown): PodProblem {
    const { events } = this.#options;
    const text = `failed to pull image "${image}": ${messageOf(error)}`;
    events.container(pod, container.name, 'Warning', 'Failed', `Failed to pull image "${image}": ${messageOf(error)}`);
    events.container(pod, container.name, 'Warning', 'Failed', 'Error: ErrImagePull');
    events.container(pod, container.name, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
    events.container(pod, container.name, 'Warning', 'Failed', 'Error: ImagePullBackOff');
    const backOff = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${text}` };
    return new PodProblem('ErrImagePull', text, { cause: error, retry: PULL_RETRY, backOff });
  }

  #never(pod: Pod, container: Container, image: string): PodProblem {
    const text = `Container image "${image}" is not present with pull policy of Never`;
    const { events } = this.#options;
    events.container(pod, container.name, 'Warning', 'ErrImageNeverPull', text);
    events.container(pod, container.name, 'Warning', 'Failed', 'Error: ErrImageNeverPull');
    return new PodProblem('ErrImageNeverPull', text);
  }

  #invalidName(pod: Pod, container: Container, image: string): PodProblem {
    const why = `couldn't parse image name "${image}": invalid reference format`;
    const text = `Failed to apply default image tag "${image}": ${why}`;
    const { events } = this.#options;
    events.container(pod, container.name, 'Warning', 'InspectFailed', text);
    events.container(pod, container.name, 'Warning', 'Failed', 'Error: InvalidImageName');
    return new PodProblem('InvalidImageName', text);
  }
}
