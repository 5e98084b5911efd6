/**
 * Values as Go writes its own structs into messages: every field of the internal type, by its Go name, nothing left out.
 * Only the types that messages hold are listed.
 */

/** `Field`, `Field:Type`, `Field=zero`; the zero of a pointer, list or map is null. Lower-case first letter on the wire. */
const TYPES: Readonly<Record<string, string>> = {
  SeccompProfile: 'Type="" LocalhostProfile',
  Capabilities: 'Add Drop',
  SecurityContext:
    'Capabilities:Capabilities Privileged SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ' +
    'ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile:SeccompProfile AppArmorProfile:SeccompProfile',
  PodSecurityContext:
    'HostNetwork=false HostPID=false HostIPC=false ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions ' +
    'RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls ' +
    'SeccompProfile:SeccompProfile AppArmorProfile:SeccompProfile SELinuxChangePolicy',
  RollingUpdateDeployment: 'MaxUnavailable MaxSurge',
  DeploymentStrategy: 'Type="" RollingUpdate:RollingUpdateDeployment',
  ServicePort: 'Name="" Protocol="" AppProtocol Port=0 TargetPort=0 NodePort=0',
  FlowSchemaSpec:
    'PriorityLevelConfiguration!:PriorityLevelConfigurationReference MatchingPrecedence=0 ' +
    'DistinguisherMethod:FlowDistinguisherMethod Rules[]:PolicyRulesWithSubjects',
  PriorityLevelConfigurationReference: 'Name=""',
  FlowDistinguisherMethod: 'Type=""',
  PolicyRulesWithSubjects:
    'Subjects[]:FlowSubject ResourceRules[]:ResourcePolicyRule NonResourceRules[]:NonResourcePolicyRule',
  FlowSubject: 'Kind="" User:NamedSubject Group:NamedSubject ServiceAccount:ServiceAccountSubject',
  NamedSubject: 'Name=""',
  ServiceAccountSubject: 'Namespace="" Name=""',
  ResourcePolicyRule: 'Verbs APIGroups Resources ClusterScope=false Namespaces',
  NonResourcePolicyRule: 'Verbs NonResourceURLs',
  PriorityLevelConfigurationSpec:
    'Type="" Limited:LimitedPriorityLevelConfiguration Exempt:ExemptPriorityLevelConfiguration',
  LimitedPriorityLevelConfiguration:
    'NominalConcurrencyShares=0 LimitResponse!:LimitResponse LendablePercent BorrowingLimitPercent',
  ExemptPriorityLevelConfiguration: 'NominalConcurrencyShares LendablePercent',
  LimitResponse: 'Type="" Queuing:QueuingConfiguration',
  QueuingConfiguration: 'Queues=0 HandSize=0 QueueLengthLimit=0',
  VolumeAttachmentSpec: 'Attacher="" Source!:VolumeAttachmentSource NodeName=""',
  VolumeAttachmentSource: 'PersistentVolumeName InlineVolumeSpec',
  ResourceClaimSpec: 'Devices!:DeviceClaim',
  DeviceClaim: 'Requests[]:DeviceRequest Constraints[]:DeviceConstraint Config[]:DeviceClaimConfiguration',
  DeviceRequest: 'Name="" Exactly:ExactDeviceRequest FirstAvailable[]:DeviceSubRequest',
  ExactDeviceRequest:
    'DeviceClassName="" Selectors[]:DeviceSelector AllocationMode="" Count=0 AdminAccess ' +
    'Tolerations[]:DeviceToleration Capacity:CapacityRequirements',
  DeviceSubRequest:
    'Name="" DeviceClassName="" Selectors[]:DeviceSelector AllocationMode="" Count=0 ' +
    'Tolerations[]:DeviceToleration Capacity:CapacityRequirements',
  DeviceSelector: 'CEL:CELDeviceSelector',
  CELDeviceSelector: 'Expression=""',
  DeviceToleration: 'Key="" Operator="" Value="" Effect="" TolerationSeconds',
  CapacityRequirements: 'Requests',
  DeviceConstraint: 'Requests MatchAttribute DistinctAttribute',
  DeviceClaimConfiguration: 'Requests Opaque:OpaqueDeviceConfiguration',
  OpaqueDeviceConfiguration: 'Driver="" Parameters',
  PodDisruptionBudgetSpec: 'MinAvailable Selector MaxUnavailable UnhealthyPodEvictionPolicy',
  RoleRef: 'APIGroup="" Kind="" Name=""',
  ResourceRequirements: 'Limits Requests Claims',
  ContainerPort: 'Name="" HostPort=0 ContainerPort=0 Protocol="" HostIP=""',
  VolumeMount: 'Name="" ReadOnly=false RecursiveReadOnly MountPath="" SubPath="" MountPropagation SubPathExpr=""',
  Container:
    'Name="" Image="" Command Args WorkingDir="" Ports[]:ContainerPort EnvFrom Env Resources!:ResourceRequirements ' +
    'ResizePolicy RestartPolicy RestartPolicyRules VolumeMounts[]:VolumeMount VolumeDevices LivenessProbe ReadinessProbe ' +
    'StartupProbe Lifecycle TerminationMessagePath="" TerminationMessagePolicy="" ImagePullPolicy="" ' +
    'SecurityContext:SecurityContext Stdin=false StdinOnce=false TTY=false',
  PodSpec:
    'Volumes InitContainers[]:Container Containers[]:Container EphemeralContainers RestartPolicy="" ' +
    'TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy="" NodeSelector ServiceAccountName="" ' +
    'AutomountServiceAccountToken NodeName="" SecurityContext:PodSecurityContext ImagePullSecrets Hostname="" Subdomain="" ' +
    'SetHostnameAsFQDN Affinity SchedulerName="" Tolerations HostAliases PriorityClassName="" Priority PreemptionPolicy ' +
    'DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ' +
    'ResourceClaims Resources:ResourceRequirements HostnameOverride SchedulingGroup',
};

const FIELD = /^(\w+?)(\[\])?(!)?(?:=(.*?))?(?::(\w+))?$/;

/** A wire value of `type` in Go's own form, ready for `JSON.stringify`. */
export function goDump(value: unknown, type: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const members = value as Record<string, unknown>;
  const dump: Record<string, unknown> = {};
  for (const text of (TYPES[type] ?? '').split(' ')) {
    const [, name = '', list, always, zero, inner] = FIELD.exec(text) ?? [];
    const member = members[wireName(name)];
    if (member === undefined || member === null) {
      dump[name] =
        always === undefined ? (zero === undefined ? null : (JSON.parse(zero) as unknown)) : goDump({}, inner ?? '');
    } else if (inner === undefined) dump[name] = member;
    else if (list === undefined) dump[name] = goDump(member, inner);
    else dump[name] = (member as unknown[]).map((item) => goDump(item, inner));
  }
  return dump;
}

const WIRE_NAMES: Readonly<Record<string, string>> = {
  APIGroup: 'apiGroup',
  APIGroups: 'apiGroups',
  CEL: 'cel',
  SELinuxOptions: 'seLinuxOptions',
  SELinuxChangePolicy: 'seLinuxChangePolicy',
  FSGroup: 'fsGroup',
  FSGroupChangePolicy: 'fsGroupChangePolicy',
  DNSPolicy: 'dnsPolicy',
  DNSConfig: 'dnsConfig',
  OS: 'os',
  TTY: 'tty',
  HostIP: 'hostIP',
};

function wireName(name: string): string {
  return WIRE_NAMES[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
}
