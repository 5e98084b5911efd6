/** Validation of what differs between systems: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import type { ContainerDraft, PodSpecDraft } from '../models.ts';
import { each, invalidFor, isEmpty } from '../validation/checks.ts';

type PodSecurity = NonNullable<PodSpecDraft['securityContext']>;
type ContainerSecurity = NonNullable<ContainerDraft['securityContext']>;
type WindowsOptions = NonNullable<PodSecurity['windowsOptions']>;

const SYSTEMS = ['linux', 'windows'];
const MAX_CREDENTIAL_KIB = 64;
const MAX_DOMAIN_CHARACTERS = 256;
const MAX_USER_CHARACTERS = 104;
const CONTROL = /\p{Cc}/u;
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

export function windowsOptionsErrors(options: WindowsOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName } = options ?? {};
  return [
    ...(name === undefined ? [] : invalidFor(`${path}.gmsaCredentialSpecName`, name, dns1123SubdomainErrors(name))),
    ...(credential === undefined ? [] : credentialErrors(credential, `${path}.gmsaCredentialSpec`)),
    ...(runAsUserName === undefined
      ? []
      : userErrors(runAsUserName).map((what) => invalid(`${path}.runAsUserName`, runAsUserName, what))),
  ];
}

function credentialErrors(credential: string, path: string): FieldError[] {
  if (credential === '') return [invalid(path, credential, 'gmsaCredentialSpec cannot be an empty string')];
  if (Buffer.byteLength(credential) <= MAX_CREDENTIAL_KIB * 1024) return [];
  return [invalid(path, credential, `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`)];
}

/** `DOMAIN\user`, the domain being optional. */
function userErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [domain, user] = parts.length === 2 ? [parts[0] ?? '', parts[1] ?? ''] : [undefined, name];
  const rules: [boolean, string][] = [
    [
      (domain ?? '').length >= MAX_DOMAIN_CHARACTERS,
      `runAsUserName's Domain length must be under ${MAX_DOMAIN_CHARACTERS} characters`,
    ],
    [
      domain !== undefined && !NETBIOS.test(domain) && !DNS_NAME.test(domain),
      "runAsUserName's Domain doesn't match the NetBios nor the DNS format",
    ],
    [user === '', "runAsUserName's User cannot be empty"],
    [
      user.length > MAX_USER_CHARACTERS,
      `runAsUserName's User length must not be longer than ${MAX_USER_CHARACTERS} characters`,
    ],
    [/^[. ]+$/.test(user), "runAsUserName's User cannot contain only periods or spaces"],
    [
      /["/\\:;|=,+*?<>@[\]]/.test(user),
      `runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, what]) => what);
}

/** Either all containers are processes of the host or none. */
export function hostProcessErrors(spec: PodSpecDraft, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = placedContainers(spec, path);
  const values = containers.map(([each]) => each.securityContext?.windowsOptions?.hostProcess);
  const errors = containers.flatMap(([, path], index) => {
    const own = values[index];
    if (ofPod === undefined || own === undefined || own === ofPod) return [];
    const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
    return [invalid(`${path}.securityContext.windowsOptions.hostProcess`, own, detail)];
  });
  const count = values.filter((own) => own ?? ofPod ?? false).length;
  if (count === 0) return errors;
  const all = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
  const network = 'hostNetwork must be true if pod contains any hostProcess containers';
  return [
    ...errors,
    ...(count === containers.length ? [] : [invalid(path, '', all)]),
    ...(spec.hostNetwork === true ? [] : [invalid(`${path}.hostNetwork`, false, network)]),
  ];
}

/** What the named system has no use for. */
export function systemErrors(spec: PodSpecDraft, path: string): FieldError[] {
  if (spec.os === undefined) return [];
  const name = spec.os.name;
  if (isEmpty(name)) return [required(`${path}.os.name`)];
  if (!SYSTEMS.includes(name)) return [notSupported(`${path}.os`, name, SYSTEMS)];
  return name === 'linux' ? linuxErrors(spec, path) : windowsErrors(spec, path);
}

function linuxErrors(spec: PodSpecDraft, path: string): FieldError[] {
  const contexts: [ContainerSecurity | PodSecurity | undefined, string][] = [
    [spec.securityContext, path],
    ...placedContainers(spec, path).map(([each, path]): [ContainerSecurity | undefined, string] => [
      each.securityContext,
      path,
    ]),
  ];
  return contexts
    .filter(([context]) => context?.windowsOptions !== undefined)
    .map(([, path]) =>
      forbiddenField(`${path}.securityContext.windowsOptions`, 'windows options cannot be set for a linux pod'),
    );
}

/** Members of the pod spec and of its security context, in upstream's order. */
const NOT_ON_WINDOWS = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
] as const;
const NOT_IN_WINDOWS_CONTAINERS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;
const FLAGS = ['hostPID', 'hostIPC'];

function windowsErrors(spec: PodSpecDraft, path: string): FieldError[] {
  const detail = 'cannot be set for a windows pod';
  return [
    ...NOT_ON_WINDOWS.filter((name) => isGiven(spec, name)).map((name) => forbiddenField(`${path}.${name}`, detail)),
    ...placedContainers(spec, path).flatMap(([{ securityContext }, path]) =>
      NOT_IN_WINDOWS_CONTAINERS.filter((member) => securityContext?.[member] !== undefined).map((member) =>
        forbiddenField(`${path}.securityContext.${member}`, detail),
      ),
    ),
  ];
}

function isGiven(spec: PodSpecDraft, name: (typeof NOT_ON_WINDOWS)[number]): boolean {
  const [first, second] = name.split('.') as [keyof PodSpecDraft, keyof PodSecurity | undefined];
  const value = second === undefined ? spec[first] : spec.securityContext?.[second];
  if (FLAGS.includes(name)) return value === true;
  return value !== undefined && !(name === 'securityContext.sysctls' && Array.isArray(value) && value.length === 0);
}

type Placed = Pick<ContainerDraft, 'name' | 'securityContext' | 'volumeDevices' | 'env'>;

/** All containers of a pod with their paths, in the order in which upstream visits them. */
export function placedContainers(spec: PodSpecDraft, path: string): [Placed, string][] {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
  return lists.flatMap((list) => {
    const placed: [Placed, string][] = [];
    each<Placed>(spec[list], `${path}.${list}`, (container, path) => {
      placed.push([container, path]);
      return [];
    });
    return placed;
  });
}
