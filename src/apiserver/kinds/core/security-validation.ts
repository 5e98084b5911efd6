/** Validation of security contexts: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required, tooLong } from '../../../api/field-error.ts';
import type { ContainerDraft, PodSpecDraft } from '../models.ts';
import { descendingPath, each, isEmpty, MAX_INT_32, oneOf, within } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { windowsOptionsErrors } from './windows-validation.ts';

type PodSecurity = NonNullable<PodSpecDraft['securityContext']>;
type ContainerSecurity = NonNullable<ContainerDraft['securityContext']>;
type Profile = { type?: string; localhostProfile?: string };

const MAX_SYSCTL_CHARACTERS = 253;
const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const MAX_PATH_BYTES = 4095;
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

export function podSecurityErrors(context: PodSecurity | undefined, spec: PodSpecDraft, path: string): FieldError[] {
  if (context === undefined) return [];
  return [
    ...within(`${path}.fsGroup`, context.fsGroup, 0, MAX_INT_32),
    ...within(`${path}.runAsUser`, context.runAsUser, 0, MAX_INT_32),
    ...within(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_INT_32),
    ...each(context.supplementalGroups, `${path}.supplementalGroups`, (id, path) => within(path, id, 0, MAX_INT_32)),
    ...(spec.shareProcessNamespace === true && spec.hostPID === true
      ? [invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
    ...sysctlErrors(context, spec, `${path}.sysctls`),
    ...oneOf(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...windowsOptionsErrors(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOf(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    // Mounting with the label is off by default.
    ...oneOf(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
  ];
}

function sysctlErrors({ sysctls }: PodSecurity, spec: PodSpecDraft, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(sysctls, path, ({ name }, path) => {
    if (isEmpty(name)) return [required(`${path}.name`)];
    if (name.length > MAX_SYSCTL_CHARACTERS || !new RegExp(SYSCTL).test(name)) {
      const detail = `must have at most ${MAX_SYSCTL_CHARACTERS} characters and match regex ${SYSCTL}`;
      return [invalid(`${path}.name`, name, detail)];
    }
    if (seen.has(name)) {
      return [{ type: 'FieldValueDuplicate', field: `${path}.name`, message: `Duplicate value: "${name}"` } as const];
    }
    seen.add(name);
    return hostSysctlErrors(name.replaceAll('/', '.'), spec, `${path}.name`);
  });
}

/** What is the host's own cannot be set for a pod that shares it. */
function hostSysctlErrors(name: string, { hostNetwork, hostIPC }: PodSpecDraft, path: string): FieldError[] {
  const ofIpc = /^(kernel\.(shm|msg)|kernel\.sem$|fs\.mqueue\.)/.test(name);
  if (hostNetwork === true && name.startsWith('net.')) {
    return [invalid(path, name, "may not be specified when 'hostNetwork' is true")];
  }
  return hostIPC === true && ofIpc ? [invalid(path, name, "may not be specified when 'hostIPC' is true")] : [];
}

function seccompErrors(profile: Profile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const errors = profileTypeErrors(profile.type, path, 'seccompProfile', PROFILE_TYPES);
  if (profile.type !== 'Localhost') {
    if (profile.localhostProfile === undefined) return errors;
    const detail = 'can only be set when seccomp type is Localhost';
    return [...errors, invalid(`${path}.localhostProfile`, goDump(profile, 'SeccompProfile'), detail)];
  }
  if (profile.localhostProfile === undefined) {
    return [...errors, required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  }
  return [...errors, ...descendingPath(`${path}.localhostProfile`, profile.localhostProfile)];
}

function profileTypeErrors(
  type: string | undefined,
  path: string,
  name: string,
  types: readonly string[],
): FieldError[] {
  if (isEmpty(type)) return [required(`${path}.type`, `type is required when ${name} is set`)];
  return types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
}

function appArmorErrors(profile: Profile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (isEmpty(localhostProfile)) return [required(field, 'must be set when AppArmor type is Localhost')];
    return [
      ...(localhostProfile === localhostProfile.trim()
        ? []
        : [invalid(field, localhostProfile, 'must not be padded with whitespace')]),
      ...(Buffer.byteLength(localhostProfile) > MAX_PATH_BYTES ? [tooLong(field, MAX_PATH_BYTES)] : []),
    ];
  }
  if (type === 'RuntimeDefault' || type === 'Unconfined') {
    if (localhostProfile === undefined) return [];
    return [invalid(field, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  }
  return profileTypeErrors(type, path, 'appArmorProfile', PROFILE_TYPES);
}

export function containerSecurityErrors(
  context: ContainerSecurity | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (context === undefined) return [];
  return [
    ...within(`${path}.runAsUser`, context.runAsUser, 0, MAX_INT_32),
    ...within(`${path}.runAsGroup`, context.runAsGroup, 0, MAX_INT_32),
    ...procMountErrors(context.procMount, hostUsers, `${path}.procMount`),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...escalationErrors(context, path),
    ...windowsOptionsErrors(context.windowsOptions, `${path}.windowsOptions`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function procMountErrors(procMount: string | undefined, hostUsers: boolean, path: string): FieldError[] {
  const errors = oneOf(path, procMount, ['Default', 'Unmasked']);
  if (procMount !== 'Unmasked' || !hostUsers) return errors;
  return [...errors, invalid(path, procMount, '`hostUsers` must be false to use `Unmasked`')];
}

function escalationErrors(context: ContainerSecurity, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return [];
  const dump = goDump(context, 'SecurityContext');
  const errors: FieldError[] = [];
  if (context.privileged === true) {
    errors.push(invalid(path, dump, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  if ((context.capabilities?.add ?? []).includes('CAP_SYS_ADMIN')) {
    const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
    errors.push(invalid(path, dump, detail));
  }
  return errors;
}
