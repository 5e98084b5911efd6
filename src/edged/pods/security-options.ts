/** A container's security context as the runtime takes it. Pure. */
import type { Container, Pod } from '../../api/kinds.ts';
import { PodProblem } from '../pod-problem.ts';
import type { ImageDetails, SecurityOptions } from '../runtime.ts';
import { identityOf, podFullName } from './pod-view.ts';

/** `seccomp` is the content of a local profile where the pod names one. Throws PodProblem for a forbidden root. */
export function securityOptionsOf(
  pod: Pod,
  container: Container,
  image: ImageDetails,
  localSeccomp: string | undefined,
): SecurityOptions {
  checkNonRoot(pod, container, image);
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const privileged = own.privileged === true;
  const apparmor = own.appArmorProfile ?? shared.appArmorProfile;
  const selinux = own.seLinuxOptions ?? shared.seLinuxOptions ?? {};
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  const seccomp = seccompOf(pod, container, localSeccomp);
  return {
    privileged,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem === true,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(apparmor?.type === 'Unconfined' ? { apparmor: 'unconfined' } : {}),
    ...(apparmor?.localhostProfile === undefined ? {} : { apparmor: apparmor.localhostProfile }),
    selinux: Object.entries(selinux).map(([key, value]) => `${key}:${value}`),
    noNewPrivileges: own.allowPrivilegeEscalation === false && !privileged,
    user: userOf(pod, container, image),
    supplementalGroups: groups,
    unmaskedProc: own.procMount === 'Unmasked',
  };
}

/** The file below the data directory's `seccomp` folder that the container names, if any. */
export function localSeccompProfileOf(pod: Pod, container: Container): string | undefined {
  const profile = container.securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
  return profile?.type === 'Localhost' ? profile.localhostProfile : undefined;
}

/** Without a profile of the pod's own the engine's default holds. */
function seccompOf(pod: Pod, container: Container, local: string | undefined): string | undefined {
  const profile = container.securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile;
  if (profile?.type === 'Unconfined') return 'unconfined';
  return profile?.type === 'Localhost' ? local : undefined;
}

function userOf(pod: Pod, container: Container, image: ImageDetails): string {
  const user = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
  const group = container.securityContext?.runAsGroup ?? pod.spec?.securityContext?.runAsGroup;
  if (group === undefined) return user === undefined ? '' : String(user);
  return `${user ?? (image.user.split(':')[0] || '0')}:${group}`;
}

function checkNonRoot(pod: Pod, container: Container, image: ImageDetails): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec?.securityContext?.runAsNonRoot;
  if (nonRoot !== true) return;
  const where = `(pod: "${podFullName(identityOf(pod))}", container: ${container.name})`;
  const user = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
  if (user === 0) throw forbidden(`container's runAsUser breaks non-root policy ${where}`);
  if (user !== undefined) return;
  const [imageUser = ''] = image.user.split(':');
  if (imageUser === '' || imageUser === '0') {
    throw forbidden(`container has runAsNonRoot and image will run as root ${where}`);
  }
  if (!/^\d+$/.test(imageUser)) {
    const text = `container has runAsNonRoot and image has non-numeric user (${imageUser})`;
    throw forbidden(`${text}, cannot verify user is non-root ${where}`);
  }
}

function forbidden(message: string): PodProblem {
  return new PodProblem('CreateContainerConfigError', message);
}
