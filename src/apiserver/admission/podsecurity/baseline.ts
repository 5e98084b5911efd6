/** The `baseline` standard: nothing that is known to let a pod out of its box. */
import type { Container, PodSpec } from '../../../api/kinds.ts';
import {
  type Check,
  containersOf,
  counted,
  hasOwnUsers,
  namesWhere,
  quoted,
  setters,
  sortedSet,
  type Violation,
} from './check.ts';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

const appArmorProfile: Check = {
  id: 'appArmorProfile',
  find({ annotations, spec }) {
    const notes = Object.entries(annotations)
      .filter(([key, value]) => key.startsWith(APP_ARMOR) && !isAllowedProfile(value))
      .map(([key, value]) => `${key}="${value}"`)
      .sort();
    const ofPod = spec.securityContext?.appArmorProfile?.type === 'Unconfined';
    const ofContainers = namesWhere(spec, (each) => each.securityContext?.appArmorProfile?.type === 'Unconfined');
    const fields = setters(ofPod, ofContainers);
    if (notes.length === 0 && fields.length === 0) return undefined;
    const type =
      fields.length === 0 ? [] : [`${fields.join(' and ')} must not set AppArmor profile type to "Unconfined"`];
    const count = notes.length + fields.length;
    return { reason: `forbidden AppArmor profile${count === 1 ? '' : 's'}`, detail: [...type, ...notes].join(', ') };
  },
};

function isAllowedProfile(profile: string): boolean {
  return profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');
}

const DEFAULT_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const capabilities: Check = {
  id: 'capabilities_baseline',
  find({ spec }) {
    const detail = addedCapabilities(spec, DEFAULT_CAPABILITIES);
    return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
  },
};

/** Who adds which capabilities beside the allowed ones. */
export function addedCapabilities(spec: PodSpec, allowed: ReadonlySet<string>): string | undefined {
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => {
    const added = (securityContext?.capabilities?.add ?? []).filter((each) => !allowed.has(each));
    return added.length === 0 ? [] : [{ name, added }];
  });
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  const added = sortedSet(bad.flatMap((each) => each.added));
  return `${counted('container', names)} must not include ${quoted(added)} in securityContext.capabilities.add`;
}

type Handler = Pick<NonNullable<Container['livenessProbe']>, 'httpGet' | 'tcpSocket'>;

/** Hosts that the kubelet would call in place of the pod. */
const hostProbes: Check = {
  id: 'hostProbesAndHostLifecycle',
  since: 34,
  find({ spec }) {
    const bad = containersOf(spec).flatMap((each) => {
      const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } = each;
      const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
      const hosts = handlers.flatMap((handler) => (handler === undefined ? [] : hostsOf(handler)));
      return hosts.length === 0 ? [] : [{ name, hosts }];
    });
    if (bad.length === 0) return undefined;
    const names = sortedSet(bad.map(({ name }) => name));
    const uses = names.length === 1 ? 'uses' : 'use';
    const hosts = sortedSet(bad.flatMap((each) => each.hosts));
    const reason = 'probe or lifecycle host';
    return { reason, detail: `${counted('container', names)} ${uses} ${counted(reason, hosts)}` };
  },
};

function hostsOf({ httpGet, tcpSocket }: Handler): string[] {
  return [httpGet?.host ?? '', tcpSocket?.host ?? ''].filter((host) => host !== '');
}

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  find({ spec }) {
    const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
    if (shared.length === 0) return undefined;
    return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
  },
};

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  find({ spec }) {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
    return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: counted('volume', names) };
  },
};

const hostPorts: Check = {
  id: 'hostPorts',
  find({ spec }) {
    const bad = containersOf(spec).flatMap(({ name, ports }) => {
      const own = (ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
      return own.length === 0 ? [] : [{ name, own }];
    });
    if (bad.length === 0) return undefined;
    const ports = sortedSet(bad.flatMap(({ own }) => own));
    const word = ports.length === 1 ? 'hostPort' : 'hostPorts';
    const who = counted(
      'container',
      bad.map(({ name }) => name),
    );
    return { reason: word, detail: `${who} ${bad.length === 1 ? 'uses' : 'use'} ${word} ${ports.join(', ')}` };
  },
};

const privileged: Check = {
  id: 'privileged',
  find({ spec }) {
    const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
    if (names.length === 0) return undefined;
    return {
      reason: 'privileged',
      detail: `${counted('container', names)} must not set securityContext.privileged=true`,
    };
  },
};

/** From this version on what counts is that root in the pod is nobody outside of it. */
const OWN_USERS_SINCE = 35;

const procMount: Check = {
  id: 'procMount_baseline',
  find({ spec }, minor) {
    return minor >= OWN_USERS_SINCE && hasOwnUsers(spec) ? undefined : forbiddenProcMount(spec);
  },
};

export function forbiddenProcMount(spec: PodSpec): Violation | undefined {
  const bad = containersOf(spec).flatMap(({ name, securityContext }) => {
    const mount = securityContext?.procMount ?? 'Default';
    return mount === 'Default' ? [] : [{ name, mount }];
  });
  if (bad.length === 0) return undefined;
  const who = counted(
    'container',
    bad.map(({ name }) => name),
  );
  const mounts = quoted(sortedSet(bad.map(({ mount }) => mount)));
  return { reason: 'procMount', detail: `${who} must not set securityContext.procMount to ${mounts}` };
}

const SELINUX_TYPES: readonly (readonly [string, number])[] = [
  ['', 0],
  ['container_t', 0],
  ['container_init_t', 0],
  ['container_kvm_t', 0],
  ['container_engine_t', 31],
];

interface SeLinuxOptions {
  readonly type?: string;
  readonly user?: string;
  readonly role?: string;
}

const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  find({ spec }, minor) {
    const types = new Set(SELINUX_TYPES.filter(([, since]) => minor >= since).map(([type]) => type));
    const isBad = (options: SeLinuxOptions | undefined): boolean =>
      options !== undefined &&
      (!types.has(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '');
    const ofPod = spec.securityContext?.seLinuxOptions;
    const who = setters(
      isBad(ofPod),
      namesWhere(spec, (each) => isBad(each.securityContext?.seLinuxOptions)),
    );
    if (who.length === 0) return undefined;
    const all: SeLinuxOptions[] = [
      ofPod,
      ...containersOf(spec).map((each) => each.securityContext?.seLinuxOptions),
    ].filter((options) => options !== undefined);
    const badTypes = sortedSet(all.map(({ type = '' }) => type).filter((type) => !types.has(type)));
    const faults = [
      ...(badTypes.length === 0 ? [] : [counted('type', badTypes)]),
      ...(all.some(({ user = '' }) => user !== '') ? ['user may not be set'] : []),
      ...(all.some(({ role = '' }) => role !== '') ? ['role may not be set'] : []),
    ];
    const detail = `${who.join(' and ')} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`;
    return { reason: 'seLinuxOptions', detail };
  },
};

const seccompProfile: Check = {
  id: 'seccompProfile_baseline',
  since: 19,
  find({ spec }) {
    const unconfined = (profile: { type: string } | undefined): boolean => profile?.type === 'Unconfined';
    const bad = namesWhere(spec, (each) => unconfined(each.securityContext?.seccompProfile));
    const who = setters(unconfined(spec.securityContext?.seccompProfile), bad);
    if (who.length === 0) return undefined;
    const detail = `${who.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
    return { reason: 'seccompProfile', detail };
  },
};

/** Each with the version that first called it safe. */
const SAFE_SYSCTLS: readonly (readonly [string, number])[] = [
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
];

const sysctls: Check = {
  id: 'sysctls',
  find({ spec }, minor) {
    const safe = new Set(SAFE_SYSCTLS.filter(([, since]) => minor >= since).map(([name]) => name));
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.has(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  },
};

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  find({ spec }) {
    const bad = namesWhere(spec, (each) => each.securityContext?.windowsOptions?.hostProcess === true);
    const who = setters(spec.securityContext?.windowsOptions?.hostProcess === true, bad);
    if (who.length === 0) return undefined;
    const detail = `${who.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`;
    return { reason: 'hostProcess', detail };
  },
};

/** In the order of their ids, as they are reported. */
export const BASELINE: readonly Check[] = [
  appArmorProfile,
  capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccompProfile,
  sysctls,
  windowsHostProcess,
];
