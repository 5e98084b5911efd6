/**
 * Go's internal types, for messages that hold them. @facts the structs of upstream `pkg/apis`: field names and their
 * order; only types that messages hold are listed.
 */

const CONTAINER =
  'Name="" Image="" Command Args WorkingDir="" Ports[]:ContainerPort EnvFrom[]:EnvFromSource Env[]:EnvVar ' +
  'Resources!:ResourceRequirements ResizePolicy[]:ContainerResizePolicy RestartPolicy ' +
  'RestartPolicyRules[]:ContainerRestartRule VolumeMounts[]:VolumeMount VolumeDevices[]:VolumeDevice LivenessProbe:Probe ' +
  'ReadinessProbe:Probe StartupProbe:Probe Lifecycle:Lifecycle TerminationMessagePath="" TerminationMessagePolicy="" ' +
  'ImagePullPolicy="" SecurityContext:SecurityContext Stdin=false StdinOnce=false TTY=false';

/** `Field`, `Field:Type`, `Field=zero`; the zero of a pointer, list or map is null. Lower-case first letter on the wire. */
export const GO_TYPES: Readonly<Record<string, string>> = {
  SeccompProfile: 'Type="" LocalhostProfile',
  Capabilities: 'Add Drop',
  SELinuxOptions: 'User="" Role="" Type="" Level=""',
  WindowsOptions: 'GMSACredentialSpecName GMSACredentialSpec RunAsUserName HostProcess',
  Sysctl: 'Name="" Value=""',
  SecurityContext:
    'Capabilities:Capabilities Privileged SELinuxOptions:SELinuxOptions WindowsOptions:WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ' +
    'ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile:SeccompProfile AppArmorProfile:SeccompProfile',
  PodSecurityContext:
    'HostNetwork=false HostPID=false HostIPC=false ShareProcessNamespace HostUsers SELinuxOptions:SELinuxOptions ' +
    'WindowsOptions:WindowsOptions ' +
    'RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls[]:Sysctl ' +
    'SeccompProfile:SeccompProfile AppArmorProfile:SeccompProfile SELinuxChangePolicy',
  RollingUpdateDeployment: 'MaxUnavailable MaxSurge',
  DeploymentStrategy: 'Type="" RollingUpdate:RollingUpdateDeployment',
  ParentReference: 'Group="" Resource="" Namespace="" Name=""',
  CSINodeDriver: 'Name="" NodeID="" TopologyKeys Allocatable',
  ObjectReference: 'Kind="" Namespace="" Name="" UID="" APIVersion="" ResourceVersion="" FieldPath=""',
  EventSource: 'Component="" Host=""',
  ScopeSelector: 'MatchExpressions[]:ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: 'ScopeName="" Operator="" Values',
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
  ResourceRequirements: 'Limits Requests Claims[]:ResourceClaim',
  ResourceClaim: 'Name="" Request=""',
  ContainerPort: 'Name="" HostPort=0 ContainerPort=0 Protocol="" HostIP=""',
  EnvFromSource: 'Prefix="" ConfigMapRef:OptionalName SecretRef:OptionalName',
  OptionalName: 'Name="" Optional',
  EnvVar: 'Name="" Value="" ValueFrom:EnvVarSource',
  EnvVarSource:
    'FieldRef:ObjectFieldSelector ResourceFieldRef:ResourceFieldSelector ConfigMapKeyRef:KeySelector ' +
    'SecretKeyRef:KeySelector FileKeyRef:FileKeySelector',
  ObjectFieldSelector: 'APIVersion="" FieldPath=""',
  ResourceFieldSelector: 'ContainerName="" Resource="" Divisor="0"',
  KeySelector: 'Name="" Key="" Optional',
  FileKeySelector: 'VolumeName="" Path="" Key="" Optional',
  ContainerResizePolicy: 'ResourceName="" RestartPolicy=""',
  ContainerRestartRule: 'Action="" ExitCodes:ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator="" Values',
  VolumeMount: 'Name="" ReadOnly=false RecursiveReadOnly MountPath="" SubPath="" MountPropagation SubPathExpr=""',
  VolumeDevice: 'Name="" DevicePath=""',
  ExecAction: 'Command',
  HTTPGetAction: 'Path="" Port Host="" Scheme="" HTTPHeaders[]:HTTPHeader',
  HTTPHeader: 'Name="" Value=""',
  TCPSocketAction: 'Port Host=""',
  GRPCAction: 'Port=0 Service',
  SleepAction: 'Seconds=0',
  Probe:
    'Exec:ExecAction HTTPGet:HTTPGetAction TCPSocket:TCPSocketAction GRPC:GRPCAction InitialDelaySeconds=0 ' +
    'TimeoutSeconds=0 PeriodSeconds=0 SuccessThreshold=0 FailureThreshold=0 TerminationGracePeriodSeconds',
  LifecycleHandler: 'Exec:ExecAction HTTPGet:HTTPGetAction TCPSocket:TCPSocketAction Sleep:SleepAction',
  Lifecycle: 'PostStart:LifecycleHandler PreStop:LifecycleHandler StopSignal',
  Container: CONTAINER,
  EphemeralContainer: `${CONTAINER} TargetContainerName=""`,
  LocalObjectReference: 'Name=""',
  KeyToPath: 'Key="" Path="" Mode',
  DownwardAPIVolumeFile: 'Path="" FieldRef:ObjectFieldSelector ResourceFieldRef:ResourceFieldSelector Mode',
  HostPathVolumeSource: 'Path="" Type',
  EmptyDirVolumeSource: 'Medium="" SizeLimit',
  SecretVolumeSource: 'SecretName="" Items[]:KeyToPath DefaultMode Optional',
  ConfigMapVolumeSource: 'Name="" Items[]:KeyToPath DefaultMode Optional',
  NFSVolumeSource: 'Server="" Path="" ReadOnly=false',
  ISCSIVolumeSource:
    'TargetPortal="" IQN="" Lun=0 ISCSIInterface="" FSType="" ReadOnly=false Portals DiscoveryCHAPAuth=false ' +
    'SessionCHAPAuth=false SecretRef:LocalObjectReference InitiatorName',
  PersistentVolumeClaimVolumeSource: 'ClaimName="" ReadOnly=false',
  DownwardAPIVolumeSource: 'Items[]:DownwardAPIVolumeFile DefaultMode',
  ProjectedVolumeSource: 'Sources[]:VolumeProjection DefaultMode',
  VolumeProjection:
    'Secret:NamedProjection DownwardAPI:DownwardAPIProjection ConfigMap:NamedProjection ' +
    'ServiceAccountToken:ServiceAccountTokenProjection ClusterTrustBundle PodCertificate',
  NamedProjection: 'Name="" Items[]:KeyToPath Optional',
  DownwardAPIProjection: 'Items[]:DownwardAPIVolumeFile',
  ServiceAccountTokenProjection: 'Audience="" ExpirationSeconds=0 Path=""',
  CSIVolumeSource: 'Driver="" ReadOnly FSType VolumeAttributes NodePublishSecretRef:LocalObjectReference',
  EphemeralVolumeSource: 'VolumeClaimTemplate:PersistentVolumeClaimTemplate',
  PersistentVolumeClaimTemplate: 'Spec!:PersistentVolumeClaimSpec',
  ImageVolumeSource: 'Reference="" PullPolicy=""',
  Volume:
    'Name="" HostPath:HostPathVolumeSource EmptyDir:EmptyDirVolumeSource GCEPersistentDisk AWSElasticBlockStore GitRepo ' +
    'Secret:SecretVolumeSource NFS:NFSVolumeSource ISCSI:ISCSIVolumeSource Glusterfs ' +
    'PersistentVolumeClaim:PersistentVolumeClaimVolumeSource RBD Quobyte FlexVolume Cinder CephFS Flocker ' +
    'DownwardAPI:DownwardAPIVolumeSource FC AzureFile ConfigMap:ConfigMapVolumeSource VsphereVolume AzureDisk ' +
    'PhotonPersistentDisk Projected:ProjectedVolumeSource PortworxVolume ScaleIO StorageOS CSI:CSIVolumeSource ' +
    'Ephemeral:EphemeralVolumeSource Image:ImageVolumeSource',
  PersistentVolumeClaimSpec:
    'AccessModes Selector Resources!:VolumeResourceRequirements VolumeName="" StorageClassName VolumeMode ' +
    'DataSource:TypedLocalObjectReference DataSourceRef:TypedObjectReference VolumeAttributesClassName',
  VolumeResourceRequirements: 'Limits Requests',
  TypedLocalObjectReference: 'APIGroup Kind="" Name=""',
  TypedObjectReference: 'APIGroup Kind="" Name="" Namespace',
  PersistentVolumeSource:
    'GCEPersistentDisk AWSElasticBlockStore HostPath:HostPathVolumeSource Glusterfs NFS:NFSVolumeSource RBD Quobyte ' +
    'ISCSI:ISCSIVolumeSource FlexVolume Cinder CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk ' +
    'PortworxVolume ScaleIO Local:LocalVolumeSource StorageOS CSI:CSIPersistentVolumeSource',
  LocalVolumeSource: 'Path="" FSType',
  SecretReference: 'Name="" Namespace=""',
  CSIPersistentVolumeSource:
    'Driver="" VolumeHandle="" ReadOnly=false FSType="" VolumeAttributes ControllerPublishSecretRef:SecretReference ' +
    'NodeStageSecretRef:SecretReference NodePublishSecretRef:SecretReference ControllerExpandSecretRef:SecretReference ' +
    'NodeExpandSecretRef:SecretReference',
  Affinity: 'NodeAffinity:NodeAffinity PodAffinity:PodAffinity PodAntiAffinity:PodAffinity',
  NodeAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution:NodeSelector ' +
    'PreferredDuringSchedulingIgnoredDuringExecution[]:PreferredSchedulingTerm',
  VolumeNodeAffinity: 'Required:NodeSelector',
  NodeSelector: 'NodeSelectorTerms[]:NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions[]:NodeSelectorRequirement MatchFields[]:NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key="" Operator="" Values',
  PreferredSchedulingTerm: 'Weight=0 Preference!:NodeSelectorTerm',
  PodAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution[]:PodAffinityTerm ' +
    'PreferredDuringSchedulingIgnoredDuringExecution[]:WeightedPodAffinityTerm',
  PodAffinityTerm: 'LabelSelector Namespaces TopologyKey="" NamespaceSelector MatchLabelKeys MismatchLabelKeys',
  WeightedPodAffinityTerm: 'Weight=0 PodAffinityTerm!:PodAffinityTerm',
  Toleration: 'Key="" Operator="" Value="" Effect="" TolerationSeconds',
  TopologySpreadConstraint:
    'MaxSkew=0 TopologyKey="" WhenUnsatisfiable="" LabelSelector MinDomains NodeAffinityPolicy NodeTaintsPolicy MatchLabelKeys',
  HostAlias: 'IP="" Hostnames',
  PodDNSConfig: 'Nameservers Searches Options[]:PodDNSConfigOption',
  PodDNSConfigOption: 'Name="" Value',
  PodReadinessGate: 'ConditionType=""',
  PodOS: 'Name=""',
  PodSchedulingGate: 'Name=""',
  PodResourceClaim: 'Name="" ResourceClaimName ResourceClaimTemplateName',
  PodSpec:
    'Volumes[]:Volume InitContainers[]:Container Containers[]:Container EphemeralContainers[]:EphemeralContainer ' +
    'RestartPolicy="" TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy="" NodeSelector ServiceAccountName="" ' +
    'AutomountServiceAccountToken NodeName="" SecurityContext:PodSecurityContext ImagePullSecrets[]:LocalObjectReference ' +
    'Hostname="" Subdomain="" SetHostnameAsFQDN Affinity:Affinity SchedulerName="" Tolerations[]:Toleration ' +
    'HostAliases[]:HostAlias PriorityClassName="" Priority PreemptionPolicy DNSConfig:PodDNSConfig ' +
    'ReadinessGates[]:PodReadinessGate RuntimeClassName Overhead EnableServiceLinks ' +
    'TopologySpreadConstraints[]:TopologySpreadConstraint OS:PodOS SchedulingGates[]:PodSchedulingGate ' +
    'ResourceClaims[]:PodResourceClaim Resources:ResourceRequirements HostnameOverride SchedulingGroup',
};
