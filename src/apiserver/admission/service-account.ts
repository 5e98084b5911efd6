/** The ServiceAccount plug-in: upstream's `plugin/pkg/admission/serviceaccount`. */
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../api/kinds.ts';
import { forbidden } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { newPod } from './pods.ts';

const DEFAULT_ACCOUNT = 'default';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const RANDOM_LENGTH = 5;
/** Seven seconds more than an hour, by which kubelets tell tokens that may be used a little longer. */
const TOKEN_SECONDS = 3607;
const VOLUME_MODE = 0o644;
/** The account of a new namespace is made by a controller a moment later. */
const ACCOUNT_TRIES = 10;
const ACCOUNT_WAIT_MS = 100;

/** Gives each pod its account, the account's pull secrets and the volume with the token. */
export class ServiceAccountAdmission implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly #objects: AdmissionObjects;
  readonly #clock: Clock;
  readonly #randomText: (length: number) => string;

  constructor(objects: AdmissionObjects, clock: Clock, randomText: (length: number) => string) {
    this.#objects = objects;
    this.#clock = clock;
    this.#randomText = randomText;
  }

  async admit(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    const found = newPod(request);
    if (found === undefined) return;
    const { pod, spec } = found;
    if (pod.metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined) return assertMirror(request, spec);
    const name = accountName(spec);
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
    const account = await this.#account(request, name, signal);
    if (wantsToken(spec, account)) this.#mountToken(spec);
    if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      spec.imagePullSecrets = (account.imagePullSecrets ?? []).map((secret) => ({ ...secret }));
    }
  }

  async #account(request: AdmissionRequest, name: string, signal: AbortSignal): Promise<ServiceAccount> {
    const { namespace, resource } = request;
    for (let attempt = 0; attempt < ACCOUNT_TRIES; attempt += 1) {
      if (attempt > 0) await this.#clock.sleep(ACCOUNT_WAIT_MS, signal);
      const account = await this.#objects.get('serviceaccounts', namespace, name);
      if (account !== undefined) return account;
      if (name !== DEFAULT_ACCOUNT) break;
    }
    const why = `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`;
    throw forbidden(resource, request.name, why);
  }

  #mountToken(spec: PodSpec): void {
    const existing = (spec.volumes ?? []).find(({ name }) => name.startsWith(VOLUME_PREFIX));
    const volume = existing?.name ?? VOLUME_PREFIX + this.#randomText(RANDOM_LENGTH);
    let mounted = false;
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      mounted = mount(container, volume) || mounted;
    }
    if (mounted && existing === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(volume)];
  }
}

function accountName({ serviceAccountName, serviceAccount }: PodSpec): string {
  const given = [serviceAccountName, serviceAccount].find((name) => name !== undefined && name !== '');
  return given ?? DEFAULT_ACCOUNT;
}

/** The pod has the first word, then the account. */
function wantsToken(spec: PodSpec, account: ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

/** False where the container has something of its own at that path. */
function mount(container: Container, volume: string): boolean {
  if ((container.volumeMounts ?? []).some(({ mountPath }) => mountPath === TOKEN_PATH)) return false;
  const mounts = container.volumeMounts ?? [];
  container.volumeMounts = [...mounts, { name: volume, readOnly: true, mountPath: TOKEN_PATH }];
  return true;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: VOLUME_MODE,
    },
  };
}

/** The image of a pod that a node runs by itself has no secrets of the cluster. */
function assertMirror({ resource, name }: AdmissionRequest, spec: PodSpec): void {
  const refuse = (what: string): Error => forbidden(resource, name, `a mirror pod may not reference ${what}`);
  if ((spec.serviceAccountName ?? '') !== '' || (spec.serviceAccount ?? '') !== '') throw refuse('service accounts');
  if (referencesSecret(spec)) throw refuse('secrets');
  for (const { projected } of spec.volumes ?? []) {
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) === true) {
      throw refuse('ServiceAccountToken volume projections');
    }
  }
}

function referencesSecret(spec: Pod['spec']): boolean {
  if (spec === undefined) return false;
  if ((spec.imagePullSecrets ?? []).length > 0) return true;
  if ((spec.volumes ?? []).some(({ secret }) => secret !== undefined)) return true;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.some(
    ({ env, envFrom }) =>
      (env ?? []).some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
      (envFrom ?? []).some(({ secretRef }) => secretRef !== undefined),
  );
}
