/**
 * What the typed models do not say of the built-in kinds, as Kubernetes 1.36 publishes it in its OpenAPI documents.
 * @facts read by `npm run generate` only: which definitions there are, and the merge keys, list types, enumerations and
 * defaults of their fields.
 */
import type { Schema } from '../../api/schema.ts';

export interface DefinitionGroup {
  /** The prefix of upstream's names: `io.k8s.api.apps.v1`. */
  readonly prefix: string;
  /** `apps/v1`: the group and version of the kinds among them; none where no kind is. */
  readonly apiVersion?: string;
  readonly names: string;
}

export const DEFINITION_GROUPS: readonly DefinitionGroup[] = [
  {
    prefix: 'io.k8s.api.admissionregistration.v1',
    apiVersion: 'admissionregistration.k8s.io/v1',
    names: `
      ApplyConfiguration AuditAnnotation ExpressionWarning JSONPatch MatchCondition MatchResources
      MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingAdmissionPolicyBindingList
      MutatingAdmissionPolicyBindingSpec MutatingAdmissionPolicyList MutatingAdmissionPolicySpec MutatingWebhook
      MutatingWebhookConfiguration MutatingWebhookConfigurationList Mutation NamedRuleWithOperations ParamKind
      ParamRef RuleWithOperations ServiceReference TypeChecking ValidatingAdmissionPolicy
      ValidatingAdmissionPolicyBinding ValidatingAdmissionPolicyBindingList ValidatingAdmissionPolicyBindingSpec
      ValidatingAdmissionPolicyList ValidatingAdmissionPolicySpec ValidatingAdmissionPolicyStatus ValidatingWebhook
      ValidatingWebhookConfiguration ValidatingWebhookConfigurationList Validation Variable WebhookClientConfig`,
  },
  {
    prefix: 'io.k8s.api.apps.v1',
    apiVersion: 'apps/v1',
    names: `
      ControllerRevision ControllerRevisionList DaemonSet DaemonSetCondition DaemonSetList DaemonSetSpec
      DaemonSetStatus DaemonSetUpdateStrategy Deployment DeploymentCondition DeploymentList DeploymentSpec
      DeploymentStatus DeploymentStrategy ReplicaSet ReplicaSetCondition ReplicaSetList ReplicaSetSpec
      ReplicaSetStatus RollingUpdateDaemonSet RollingUpdateDeployment RollingUpdateStatefulSetStrategy StatefulSet
      StatefulSetCondition StatefulSetList StatefulSetOrdinals StatefulSetPersistentVolumeClaimRetentionPolicy
      StatefulSetSpec StatefulSetStatus StatefulSetUpdateStrategy`,
  },
  {
    prefix: 'io.k8s.api.authentication.v1',
    apiVersion: 'authentication.k8s.io/v1',
    names: `
      BoundObjectReference SelfSubjectReview SelfSubjectReviewStatus TokenRequest TokenRequestSpec
      TokenRequestStatus TokenReview TokenReviewSpec TokenReviewStatus UserInfo`,
  },
  {
    prefix: 'io.k8s.api.authorization.v1',
    apiVersion: 'authorization.k8s.io/v1',
    names: `
      FieldSelectorAttributes LabelSelectorAttributes LocalSubjectAccessReview NonResourceAttributes NonResourceRule
      ResourceAttributes ResourceRule SelfSubjectAccessReview SelfSubjectAccessReviewSpec SelfSubjectRulesReview
      SelfSubjectRulesReviewSpec SubjectAccessReview SubjectAccessReviewSpec SubjectAccessReviewStatus
      SubjectRulesReviewStatus`,
  },
  {
    prefix: 'io.k8s.api.autoscaling.v1',
    apiVersion: 'autoscaling/v1',
    names: `
      CrossVersionObjectReference HorizontalPodAutoscaler HorizontalPodAutoscalerList HorizontalPodAutoscalerSpec
      HorizontalPodAutoscalerStatus Scale ScaleSpec ScaleStatus`,
  },
  {
    prefix: 'io.k8s.api.autoscaling.v2',
    apiVersion: 'autoscaling/v2',
    names: `
      ContainerResourceMetricSource ContainerResourceMetricStatus CrossVersionObjectReference ExternalMetricSource
      ExternalMetricStatus HPAScalingPolicy HPAScalingRules HorizontalPodAutoscaler HorizontalPodAutoscalerBehavior
      HorizontalPodAutoscalerCondition HorizontalPodAutoscalerList HorizontalPodAutoscalerSpec
      HorizontalPodAutoscalerStatus MetricIdentifier MetricSpec MetricStatus MetricTarget MetricValueStatus
      ObjectMetricSource ObjectMetricStatus PodsMetricSource PodsMetricStatus ResourceMetricSource
      ResourceMetricStatus`,
  },
  {
    prefix: 'io.k8s.api.batch.v1',
    apiVersion: 'batch/v1',
    names: `
      CronJob CronJobList CronJobSpec CronJobStatus Job JobCondition JobList JobSpec JobStatus JobTemplateSpec
      PodFailurePolicy PodFailurePolicyOnExitCodesRequirement PodFailurePolicyOnPodConditionsPattern
      PodFailurePolicyRule SuccessPolicy SuccessPolicyRule UncountedTerminatedPods`,
  },
  {
    prefix: 'io.k8s.api.certificates.v1',
    apiVersion: 'certificates.k8s.io/v1',
    names: `
      CertificateSigningRequest CertificateSigningRequestCondition CertificateSigningRequestList
      CertificateSigningRequestSpec CertificateSigningRequestStatus`,
  },
  {
    prefix: 'io.k8s.api.coordination.v1',
    apiVersion: 'coordination.k8s.io/v1',
    names: `
      Lease LeaseList LeaseSpec`,
  },
  {
    prefix: 'io.k8s.api.core.v1',
    apiVersion: 'v1',
    names: `
      AWSElasticBlockStoreVolumeSource Affinity AppArmorProfile AttachedVolume AzureDiskVolumeSource
      AzureFilePersistentVolumeSource AzureFileVolumeSource Binding CSIPersistentVolumeSource CSIVolumeSource
      Capabilities CephFSPersistentVolumeSource CephFSVolumeSource CinderPersistentVolumeSource CinderVolumeSource
      ClientIPConfig ClusterTrustBundleProjection ComponentCondition ComponentStatus ComponentStatusList ConfigMap
      ConfigMapEnvSource ConfigMapKeySelector ConfigMapList ConfigMapNodeConfigSource ConfigMapProjection
      ConfigMapVolumeSource Container ContainerExtendedResourceRequest ContainerImage ContainerPort
      ContainerResizePolicy ContainerRestartRule ContainerRestartRuleOnExitCodes ContainerState
      ContainerStateRunning ContainerStateTerminated ContainerStateWaiting ContainerStatus ContainerUser
      DaemonEndpoint DownwardAPIProjection DownwardAPIVolumeFile DownwardAPIVolumeSource EmptyDirVolumeSource
      EndpointAddress EndpointPort EndpointSubset Endpoints EndpointsList EnvFromSource EnvVar EnvVarSource
      EphemeralContainer EphemeralVolumeSource Event EventList EventSeries EventSource ExecAction FCVolumeSource
      FileKeySelector FlexPersistentVolumeSource FlexVolumeSource FlockerVolumeSource GCEPersistentDiskVolumeSource
      GRPCAction GitRepoVolumeSource GlusterfsPersistentVolumeSource GlusterfsVolumeSource HTTPGetAction HTTPHeader
      HostAlias HostIP HostPathVolumeSource ISCSIPersistentVolumeSource ISCSIVolumeSource ImageVolumeSource
      ImageVolumeStatus KeyToPath Lifecycle LifecycleHandler LimitRange LimitRangeItem LimitRangeList LimitRangeSpec
      LinuxContainerUser LoadBalancerIngress LoadBalancerStatus LocalObjectReference LocalVolumeSource
      ModifyVolumeStatus NFSVolumeSource Namespace NamespaceCondition NamespaceList NamespaceSpec NamespaceStatus
      Node NodeAddress NodeAffinity NodeAllocatableResourceClaimStatus NodeCondition NodeConfigSource
      NodeConfigStatus NodeDaemonEndpoints NodeFeatures NodeList NodeRuntimeHandler NodeRuntimeHandlerFeatures
      NodeSelector NodeSelectorRequirement NodeSelectorTerm NodeSpec NodeStatus NodeSwapStatus NodeSystemInfo
      ObjectFieldSelector ObjectReference PersistentVolume PersistentVolumeClaim PersistentVolumeClaimCondition
      PersistentVolumeClaimList PersistentVolumeClaimSpec PersistentVolumeClaimStatus PersistentVolumeClaimTemplate
      PersistentVolumeClaimVolumeSource PersistentVolumeList PersistentVolumeSpec PersistentVolumeStatus
      PhotonPersistentDiskVolumeSource Pod PodAffinity PodAffinityTerm PodAntiAffinity PodCertificateProjection
      PodCondition PodDNSConfig PodDNSConfigOption PodExtendedResourceClaimStatus PodIP PodList PodOS
      PodReadinessGate PodResourceClaim PodResourceClaimStatus PodSchedulingGate PodSchedulingGroup
      PodSecurityContext PodSpec PodStatus PodTemplate PodTemplateList PodTemplateSpec PortStatus
      PortworxVolumeSource PreferredSchedulingTerm Probe ProjectedVolumeSource QuobyteVolumeSource
      RBDPersistentVolumeSource RBDVolumeSource ReplicationController ReplicationControllerCondition
      ReplicationControllerList ReplicationControllerSpec ReplicationControllerStatus ResourceClaim
      ResourceFieldSelector ResourceHealth ResourceQuota ResourceQuotaList ResourceQuotaSpec ResourceQuotaStatus
      ResourceRequirements ResourceStatus SELinuxOptions ScaleIOPersistentVolumeSource ScaleIOVolumeSource
      ScopeSelector ScopedResourceSelectorRequirement SeccompProfile Secret SecretEnvSource SecretKeySelector
      SecretList SecretProjection SecretReference SecretVolumeSource SecurityContext Service ServiceAccount
      ServiceAccountList ServiceAccountTokenProjection ServiceList ServicePort ServiceSpec ServiceStatus
      SessionAffinityConfig SleepAction StorageOSPersistentVolumeSource StorageOSVolumeSource Sysctl TCPSocketAction
      Taint Toleration TopologySelectorLabelRequirement TopologySelectorTerm TopologySpreadConstraint
      TypedLocalObjectReference TypedObjectReference Volume VolumeDevice VolumeMount VolumeMountStatus
      VolumeNodeAffinity VolumeProjection VolumeResourceRequirements VolumeStatus VsphereVirtualDiskVolumeSource
      WeightedPodAffinityTerm WindowsSecurityContextOptions`,
  },
  {
    prefix: 'io.k8s.api.discovery.v1',
    apiVersion: 'discovery.k8s.io/v1',
    names: `
      Endpoint EndpointConditions EndpointHints EndpointPort EndpointSlice EndpointSliceList ForNode ForZone`,
  },
  {
    prefix: 'io.k8s.api.events.v1',
    apiVersion: 'events.k8s.io/v1',
    names: `
      Event EventList EventSeries`,
  },
  {
    prefix: 'io.k8s.api.flowcontrol.v1',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    names: `
      ExemptPriorityLevelConfiguration FlowDistinguisherMethod FlowSchema FlowSchemaCondition FlowSchemaList
      FlowSchemaSpec FlowSchemaStatus GroupSubject LimitResponse LimitedPriorityLevelConfiguration
      NonResourcePolicyRule PolicyRulesWithSubjects PriorityLevelConfiguration PriorityLevelConfigurationCondition
      PriorityLevelConfigurationList PriorityLevelConfigurationReference PriorityLevelConfigurationSpec
      PriorityLevelConfigurationStatus QueuingConfiguration ResourcePolicyRule ServiceAccountSubject Subject
      UserSubject`,
  },
  {
    prefix: 'io.k8s.api.networking.v1',
    apiVersion: 'networking.k8s.io/v1',
    names: `
      HTTPIngressPath HTTPIngressRuleValue IPAddress IPAddressList IPAddressSpec IPBlock Ingress IngressBackend
      IngressClass IngressClassList IngressClassParametersReference IngressClassSpec IngressList
      IngressLoadBalancerIngress IngressLoadBalancerStatus IngressPortStatus IngressRule IngressServiceBackend
      IngressSpec IngressStatus IngressTLS NetworkPolicy NetworkPolicyEgressRule NetworkPolicyIngressRule
      NetworkPolicyList NetworkPolicyPeer NetworkPolicyPort NetworkPolicySpec ParentReference ServiceBackendPort
      ServiceCIDR ServiceCIDRList ServiceCIDRSpec ServiceCIDRStatus`,
  },
  {
    prefix: 'io.k8s.api.node.v1',
    apiVersion: 'node.k8s.io/v1',
    names: `
      Overhead RuntimeClass RuntimeClassList Scheduling`,
  },
  {
    prefix: 'io.k8s.api.policy.v1',
    apiVersion: 'policy/v1',
    names: `
      Eviction PodDisruptionBudget PodDisruptionBudgetList PodDisruptionBudgetSpec PodDisruptionBudgetStatus`,
  },
  {
    prefix: 'io.k8s.api.rbac.v1',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    names: `
      AggregationRule ClusterRole ClusterRoleBinding ClusterRoleBindingList ClusterRoleList PolicyRule Role
      RoleBinding RoleBindingList RoleList RoleRef Subject`,
  },
  {
    prefix: 'io.k8s.api.resource.v1',
    apiVersion: 'resource.k8s.io/v1',
    names: `
      AllocatedDeviceStatus AllocationResult CELDeviceSelector CapacityRequestPolicy CapacityRequestPolicyRange
      CapacityRequirements Counter CounterSet Device DeviceAllocationConfiguration DeviceAllocationResult
      DeviceAttribute DeviceCapacity DeviceClaim DeviceClaimConfiguration DeviceClass DeviceClassConfiguration
      DeviceClassList DeviceClassSpec DeviceConstraint DeviceCounterConsumption DeviceRequest
      DeviceRequestAllocationResult DeviceSelector DeviceSubRequest DeviceTaint DeviceToleration ExactDeviceRequest
      NetworkDeviceData NodeAllocatableResourceMapping OpaqueDeviceConfiguration ResourceClaim
      ResourceClaimConsumerReference ResourceClaimList ResourceClaimSpec ResourceClaimStatus ResourceClaimTemplate
      ResourceClaimTemplateList ResourceClaimTemplateSpec ResourcePool ResourceSlice ResourceSliceList
      ResourceSliceSpec`,
  },
  {
    prefix: 'io.k8s.api.scheduling.v1',
    apiVersion: 'scheduling.k8s.io/v1',
    names: `
      PriorityClass PriorityClassList`,
  },
  {
    prefix: 'io.k8s.api.storage.v1',
    apiVersion: 'storage.k8s.io/v1',
    names: `
      CSIDriver CSIDriverList CSIDriverSpec CSINode CSINodeDriver CSINodeList CSINodeSpec CSIStorageCapacity
      CSIStorageCapacityList StorageClass StorageClassList TokenRequest VolumeAttachment VolumeAttachmentList
      VolumeAttachmentSource VolumeAttachmentSpec VolumeAttachmentStatus VolumeAttributesClass
      VolumeAttributesClassList VolumeError VolumeNodeResources`,
  },
  {
    prefix: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
    apiVersion: 'apiextensions.k8s.io/v1',
    names: `
      CustomResourceColumnDefinition CustomResourceConversion CustomResourceDefinition
      CustomResourceDefinitionCondition CustomResourceDefinitionList CustomResourceDefinitionNames
      CustomResourceDefinitionSpec CustomResourceDefinitionStatus CustomResourceDefinitionVersion
      CustomResourceSubresourceScale CustomResourceSubresources CustomResourceValidation ExternalDocumentation
      JSONSchemaProps SelectableField ServiceReference ValidationRule WebhookClientConfig WebhookConversion`,
  },
  {
    prefix: 'io.k8s.apimachinery.pkg.apis.meta.v1',
    apiVersion: 'v1',
    names: `
      APIGroup APIGroupList APIResource APIResourceList APIVersions Condition DeleteOptions FieldSelectorRequirement
      GroupVersionForDiscovery LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry ObjectMeta
      OwnerReference Preconditions ServerAddressByClientCIDR ShardInfo Status StatusCause StatusDetails WatchEvent`,
  },
  {
    prefix: 'io.k8s.apimachinery.pkg.version',
    names: `
      Info`,
  },
  {
    prefix: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
    apiVersion: 'apiregistration.k8s.io/v1',
    names: `
      APIService APIServiceCondition APIServiceList APIServiceSpec APIServiceStatus ServiceReference`,
  },
];

/** `group/version` of every version in which DeleteOptions and WatchEvent are kinds, the core group being empty. */
export const OPTION_VERSIONS = `
  /v1 admission.k8s.io/v1 admission.k8s.io/v1beta1 admissionregistration.k8s.io/v1
  admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 apiextensions.k8s.io/v1
  apiextensions.k8s.io/v1beta1 apiregistration.k8s.io/v1 apiregistration.k8s.io/v1beta1 apps/v1 apps/v1beta1
  apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1
  authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1
  certificates.k8s.io/v1 certificates.k8s.io/v1alpha1 certificates.k8s.io/v1beta1 coordination.k8s.io/v1
  coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1
  events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1
  flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3
  imagepolicy.k8s.io/v1alpha1 internal.apiserver.k8s.io/v1alpha1 networking.k8s.io/v1 networking.k8s.io/v1beta1
  node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1
  rbac.authorization.k8s.io/v1alpha1 rbac.authorization.k8s.io/v1beta1 resource.k8s.io/v1 resource.k8s.io/v1alpha3
  resource.k8s.io/v1beta1 resource.k8s.io/v1beta2 scheduling.k8s.io/v1 scheduling.k8s.io/v1alpha2
  scheduling.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 storage.k8s.io/v1beta1
  storagemigration.k8s.io/v1beta1`;

/** The definitions that are no structs, and so have no model. */
export const PLAIN_DEFINITIONS: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    description: 'A number in fixed point with an optional suffix: 500m, 2, 1.5Gi, 1e3.',
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': {
    description: 'A set of fields as a trie in JSON: f:<name> for a field, k:<keys> and v:<value> for items of a list.',
    type: 'object',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': {
    description: 'A point in time with microseconds, in the form of RFC 3339.',
    type: 'string',
    format: 'date-time',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Patch': { description: 'The body of a PATCH request.', type: 'object' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': {
    description: 'A point in time with seconds, in the form of RFC 3339.',
    type: 'string',
    format: 'date-time',
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {
    description: 'An object of a kind that is known only at run time.',
    type: 'object',
  },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    description: 'An int32 or a string: a port by number or name, a count or a percentage.',
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus': {
    description: 'How the status subresource of a custom resource is served.',
    type: 'object',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': { description: 'Any value of JSON.' },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': {
    description: 'A JSONSchemaProps or a list of them.',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': {
    description: 'A JSONSchemaProps or a boolean.',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': {
    description: 'A JSONSchemaProps or a list of strings.',
  },
};

/** The values that a field of closed choice takes. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  AppArmorProfileType: ['Localhost', 'RuntimeDefault', 'Unconfined'],
  CachingMode: ['None', 'ReadOnly', 'ReadWrite'],
  AzureDiskVolumeKind: ['Dedicated', 'Managed', 'Shared'],
  ImagePullPolicy: ['Always', 'IfNotPresent', 'Never'],
  TerminationMessagePolicy: ['FallbackToLogsOnError', 'File'],
  ContainerPortProtocol: ['SCTP', 'TCP', 'UDP'],
  StopSignal: [
    'SIGABRT',
    'SIGALRM',
    'SIGBUS',
    'SIGCHLD',
    'SIGCLD',
    'SIGCONT',
    'SIGFPE',
    'SIGHUP',
    'SIGILL',
    'SIGINT',
    'SIGIO',
    'SIGIOT',
    'SIGKILL',
    'SIGPIPE',
    'SIGPOLL',
    'SIGPROF',
    'SIGPWR',
    'SIGQUIT',
    'SIGRTMAX',
    'SIGRTMAX-1',
    'SIGRTMAX-10',
    'SIGRTMAX-11',
    'SIGRTMAX-12',
    'SIGRTMAX-13',
    'SIGRTMAX-14',
    'SIGRTMAX-2',
    'SIGRTMAX-3',
    'SIGRTMAX-4',
    'SIGRTMAX-5',
    'SIGRTMAX-6',
    'SIGRTMAX-7',
    'SIGRTMAX-8',
    'SIGRTMAX-9',
    'SIGRTMIN',
    'SIGRTMIN+1',
    'SIGRTMIN+10',
    'SIGRTMIN+11',
    'SIGRTMIN+12',
    'SIGRTMIN+13',
    'SIGRTMIN+14',
    'SIGRTMIN+15',
    'SIGRTMIN+2',
    'SIGRTMIN+3',
    'SIGRTMIN+4',
    'SIGRTMIN+5',
    'SIGRTMIN+6',
    'SIGRTMIN+7',
    'SIGRTMIN+8',
    'SIGRTMIN+9',
    'SIGSEGV',
    'SIGSTKFLT',
    'SIGSTOP',
    'SIGSYS',
    'SIGTERM',
    'SIGTRAP',
    'SIGTSTP',
    'SIGTTIN',
    'SIGTTOU',
    'SIGURG',
    'SIGUSR1',
    'SIGUSR2',
    'SIGVTALRM',
    'SIGWINCH',
    'SIGXCPU',
    'SIGXFSZ',
  ],
  HTTPGetActionScheme: ['HTTP', 'HTTPS'],
  HostPathVolumeType: [
    '',
    'BlockDevice',
    'CharDevice',
    'Directory',
    'DirectoryOrCreate',
    'File',
    'FileOrCreate',
    'Socket',
  ],
  ModifyVolumeStatus: ['InProgress', 'Infeasible', 'Pending'],
  NamespacePhase: ['Active', 'Terminating'],
  NodeSelectorRequirementOperator: ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'],
  NodePhase: ['Pending', 'Running', 'Terminated'],
  AccessModes: ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'],
  VolumeMode: ['Block', 'Filesystem'],
  AllocatedResourceStatuses: [
    'ControllerResizeInProgress',
    'ControllerResizeInfeasible',
    'NodeResizeInProgress',
    'NodeResizeInfeasible',
    'NodeResizePending',
  ],
  PersistentVolumeClaimPhase: ['Bound', 'Lost', 'Pending'],
  PersistentVolumeReclaimPolicy: ['Delete', 'Recycle', 'Retain'],
  PersistentVolumePhase: ['Available', 'Bound', 'Failed', 'Pending', 'Released'],
  FsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  SupplementalGroupsPolicy: ['Merge', 'Strict'],
  DnsPolicy: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
  PreemptionPolicy: ['Never', 'PreemptLowerPriority'],
  RestartPolicy: ['Always', 'Never', 'OnFailure'],
  PodPhase: ['Failed', 'Pending', 'Running', 'Succeeded', 'Unknown'],
  PodQosClass: ['BestEffort', 'Burstable', 'Guaranteed'],
  ResourceQuotaScopes: [
    'BestEffort',
    'CrossNamespacePodAffinity',
    'NotBestEffort',
    'NotTerminating',
    'PriorityClass',
    'Terminating',
    'VolumeAttributesClass',
  ],
  ScopedResourceSelectorRequirementOperator: ['DoesNotExist', 'Exists', 'In', 'NotIn'],
  ProcMount: ['Default', 'Unmasked'],
  ExternalTrafficPolicy: ['Cluster', 'Local'],
  IpFamilies: ['', 'IPv4', 'IPv6'],
  IpFamilyPolicy: ['PreferDualStack', 'RequireDualStack', 'SingleStack'],
  SessionAffinity: ['ClientIP', 'None'],
  ServiceType: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
  TaintEffect: ['NoExecute', 'NoSchedule', 'PreferNoSchedule'],
  TolerationOperator: ['Equal', 'Exists', 'Gt', 'Lt'],
  NodeAffinityPolicy: ['Honor', 'Ignore'],
  WhenUnsatisfiable: ['DoNotSchedule', 'ScheduleAnyway'],
  MountPropagation: ['Bidirectional', 'HostToContainer', 'None'],
  MatchPolicy: ['Equivalent', 'Exact'],
  FailurePolicy: ['Fail', 'Ignore'],
  ReinvocationPolicy: ['IfNeeded', 'Never'],
  SideEffects: ['None', 'NoneOnDryRun', 'Some', 'Unknown'],
  PatchType: ['ApplyConfiguration', 'JSONPatch'],
  Operations: ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'],
  NamedRuleWithOperationsScope: ['*', 'Cluster', 'Namespaced'],
  ValidationActions: ['Audit', 'Deny', 'Warn'],
  ValidationRuleReason: ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'],
  DaemonSetUpdateStrategyType: ['OnDelete', 'RollingUpdate'],
  DeploymentStrategyType: ['Recreate', 'RollingUpdate'],
  PodManagementPolicy: ['OrderedReady', 'Parallel'],
  ConcurrencyPolicy: ['Allow', 'Forbid', 'Replace'],
  CompletionMode: ['Indexed', 'NonIndexed'],
  PodReplacementPolicy: ['Failed', 'TerminatingOrFailed'],
  PodFailurePolicyOnExitCodesRequirementOperator: ['In', 'NotIn'],
  PodFailurePolicyRuleAction: ['Count', 'FailIndex', 'FailJob', 'Ignore'],
  CertificateSigningRequestUsages: [
    'any',
    'cert sign',
    'client auth',
    'code signing',
    'content commitment',
    'crl sign',
    'data encipherment',
    'decipher only',
    'digital signature',
    'email protection',
    'encipher only',
    'ipsec end system',
    'ipsec tunnel',
    'ipsec user',
    'key agreement',
    'key encipherment',
    'microsoft sgc',
    'netscape sgc',
    'ocsp signing',
    's/mime',
    'server auth',
    'signing',
    'timestamping',
  ],
  AddressType: ['FQDN', 'IPv4', 'IPv6'],
  HTTPIngressPathPathType: ['Exact', 'ImplementationSpecific', 'Prefix'],
  PolicyTypes: ['Egress', 'Ingress'],
  UnhealthyPodEvictionPolicy: ['AlwaysAllow', 'IfHealthyBudget'],
  DeviceAllocationConfigurationSource: ['FromClaim', 'FromClass'],
  AllocationMode: ['All', 'ExactCount'],
  DeviceTaintEffect: ['NoExecute', 'NoSchedule', 'None'],
  DeviceTolerationOperator: ['Equal', 'Exists'],
  VolumeBindingMode: ['Immediate', 'WaitForFirstConsumer'],
};

/**
 * By definition or `definition.field`, where it departs from the rule. Words:
 *
 * - `set`, `map(keys)`, `untyped`: the list type; the rule is `atomic`, and `items` of a list kind has none.
 * - `merge(key)`, `merge,retainKeys(key)`, `merge`, `replace`, `retainKeys`: the patch strategy with its merge key. A
 *   merge key makes the list a map by that key unless `map` or `atomic` behind it says otherwise.
 * - `atomic`, `granular` on what is not a list: the map type (bytes count as a list).
 * - `enum=NAME`: one of `ENUMS`, of the items where the field is a list or a map.
 * - `default=JSON`: a default. The rule: what is required has the zero value of its type, `metadata` has `{}`, all else
 *   none. `plain` and `embedded` have the zero value though optional, `pointer` has none though required.
 * - `Quantity`, `JSON`, `RawExtension`, …: the definition that the value refers to and that the models show as `any`.
 * - `kind`: a kind without `metadata`. `union=JSON`: `x-kubernetes-unions`.
 */
export const FIELD_FACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'io.k8s.api.admissionregistration.v1': {
    MatchResources: 'atomic',
    'MatchResources.matchPolicy': 'enum=MatchPolicy',
    'MutatingAdmissionPolicy.spec': 'embedded',
    'MutatingAdmissionPolicyBinding.spec': 'embedded',
    'MutatingAdmissionPolicySpec.failurePolicy': 'enum=FailurePolicy',
    'MutatingAdmissionPolicySpec.matchConditions': 'merge(name)',
    'MutatingAdmissionPolicySpec.reinvocationPolicy': 'enum=ReinvocationPolicy',
    'MutatingWebhook.failurePolicy': 'enum=FailurePolicy',
    'MutatingWebhook.matchConditions': 'merge(name)',
    'MutatingWebhook.matchPolicy': 'enum=MatchPolicy',
    'MutatingWebhook.reinvocationPolicy': 'enum=ReinvocationPolicy',
    'MutatingWebhook.sideEffects': 'pointer enum=SideEffects',
    'MutatingWebhookConfiguration.webhooks': 'merge(name)',
    'Mutation.patchType': 'enum=PatchType',
    NamedRuleWithOperations: 'atomic',
    'NamedRuleWithOperations.operations': 'enum=Operations',
    'NamedRuleWithOperations.scope': 'enum=NamedRuleWithOperationsScope',
    ParamKind: 'atomic',
    ParamRef: 'atomic',
    'RuleWithOperations.operations': 'enum=Operations',
    'RuleWithOperations.scope': 'enum=NamedRuleWithOperationsScope',
    'ValidatingAdmissionPolicy.spec': 'embedded',
    'ValidatingAdmissionPolicy.status': 'embedded',
    'ValidatingAdmissionPolicyBindingSpec.policyName': 'pointer',
    'ValidatingAdmissionPolicyBindingSpec.validationActions': 'set enum=ValidationActions',
    'ValidatingAdmissionPolicySpec.failurePolicy': 'enum=FailurePolicy',
    'ValidatingAdmissionPolicySpec.matchConditions': 'merge(name)',
    'ValidatingAdmissionPolicySpec.variables': 'merge(name)',
    'ValidatingAdmissionPolicyStatus.conditions': 'map(type)',
    'ValidatingWebhook.failurePolicy': 'enum=FailurePolicy',
    'ValidatingWebhook.matchConditions': 'merge(name)',
    'ValidatingWebhook.matchPolicy': 'enum=MatchPolicy',
    'ValidatingWebhook.sideEffects': 'pointer enum=SideEffects',
    'ValidatingWebhookConfiguration.webhooks': 'merge(name)',
    Variable: 'atomic',
  },
  'io.k8s.api.apps.v1': {
    'ControllerRevision.data': 'RawExtension',
    'DaemonSet.spec': 'embedded',
    'DaemonSet.status': 'embedded',
    'DaemonSetSpec.selector': 'pointer',
    'DaemonSetSpec.updateStrategy': 'embedded',
    'DaemonSetStatus.conditions': 'merge(type)',
    'DaemonSetUpdateStrategy.type': 'enum=DaemonSetUpdateStrategyType',
    'Deployment.spec': 'embedded',
    'Deployment.status': 'embedded',
    'DeploymentSpec.selector': 'pointer',
    'DeploymentSpec.strategy': 'embedded retainKeys',
    'DeploymentStatus.conditions': 'merge(type)',
    'DeploymentStrategy.type': 'enum=DeploymentStrategyType',
    'ReplicaSet.spec': 'embedded',
    'ReplicaSet.status': 'embedded',
    'ReplicaSetSpec.selector': 'pointer',
    'ReplicaSetSpec.template': 'embedded',
    'ReplicaSetStatus.conditions': 'merge(type)',
    'StatefulSet.spec': 'embedded',
    'StatefulSet.status': 'embedded',
    'StatefulSetOrdinals.start': 'plain',
    'StatefulSetSpec.podManagementPolicy': 'enum=PodManagementPolicy',
    'StatefulSetSpec.selector': 'pointer',
    'StatefulSetSpec.serviceName': 'plain',
    'StatefulSetSpec.updateStrategy': 'embedded',
    'StatefulSetStatus.availableReplicas': 'plain',
    'StatefulSetStatus.conditions': 'merge(type)',
    'StatefulSetUpdateStrategy.type': 'enum=DaemonSetUpdateStrategyType',
  },
  'io.k8s.api.authentication.v1': {
    'SelfSubjectReview.status': 'embedded',
    'SelfSubjectReviewStatus.userInfo': 'embedded',
    'TokenRequest.spec': 'embedded',
    'TokenRequest.status': 'embedded',
    'TokenRequestStatus.token': 'plain',
    'TokenReview.status': 'embedded',
    'TokenReviewSpec.token': 'pointer',
    'TokenReviewStatus.user': 'embedded',
  },
  'io.k8s.api.authorization.v1': {
    'LocalSubjectAccessReview.status': 'embedded',
    'SelfSubjectAccessReview.status': 'embedded',
    'SelfSubjectRulesReview.status': 'embedded',
    'SubjectAccessReview.status': 'embedded',
  },
  'io.k8s.api.autoscaling.v1': {
    CrossVersionObjectReference: 'atomic',
    'HorizontalPodAutoscaler.status': 'embedded',
    'Scale.spec': 'embedded',
    'Scale.status': 'embedded',
    'ScaleSpec.replicas': 'plain',
  },
  'io.k8s.api.autoscaling.v2': {
    'HPAScalingRules.tolerance': 'Quantity',
    'HorizontalPodAutoscaler.status': 'embedded',
    'HorizontalPodAutoscalerStatus.conditions': 'merge(type)',
    'MetricTarget.averageValue': 'Quantity',
    'MetricTarget.value': 'Quantity',
    'MetricValueStatus.averageValue': 'Quantity',
    'MetricValueStatus.value': 'Quantity',
  },
  'io.k8s.api.batch.v1': {
    'CronJob.status': 'embedded',
    'CronJobSpec.concurrencyPolicy': 'enum=ConcurrencyPolicy',
    'Job.spec': 'embedded',
    'Job.status': 'embedded',
    'JobSpec.completionMode': 'enum=CompletionMode',
    'JobSpec.podReplacementPolicy': 'enum=PodReplacementPolicy',
    'JobStatus.conditions': 'merge(type) atomic',
    'JobTemplateSpec.spec': 'embedded',
    'PodFailurePolicyOnExitCodesRequirement.operator': 'enum=PodFailurePolicyOnExitCodesRequirementOperator',
    'PodFailurePolicyOnExitCodesRequirement.values': 'set',
    'PodFailurePolicyOnPodConditionsPattern.status': 'plain',
    'PodFailurePolicyRule.action': 'enum=PodFailurePolicyRuleAction',
    'UncountedTerminatedPods.failed': 'set',
    'UncountedTerminatedPods.succeeded': 'set',
  },
  'io.k8s.api.certificates.v1': {
    'CertificateSigningRequest.status': 'embedded',
    'CertificateSigningRequestSpec.request': 'pointer',
    'CertificateSigningRequestSpec.usages': 'enum=CertificateSigningRequestUsages',
    'CertificateSigningRequestStatus.conditions': 'map(type)',
  },
  'io.k8s.api.coordination.v1': {
    'Lease.spec': 'embedded',
  },
  'io.k8s.api.core.v1': {
    AppArmorProfile:
      'union=[{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}]',
    'AppArmorProfile.type': 'enum=AppArmorProfileType',
    'AzureDiskVolumeSource.cachingMode': 'default="ReadWrite" enum=CachingMode',
    'AzureDiskVolumeSource.fsType': 'default="ext4"',
    'AzureDiskVolumeSource.kind': 'default="Shared" enum=AzureDiskVolumeKind',
    'AzureDiskVolumeSource.readOnly': 'plain',
    'ComponentStatus.conditions': 'merge(type)',
    'ConfigMapEnvSource.name': 'plain',
    ConfigMapKeySelector: 'atomic',
    'ConfigMapKeySelector.name': 'plain',
    'ConfigMapProjection.name': 'plain',
    'ConfigMapVolumeSource.name': 'plain',
    'Container.env': 'merge(name)',
    'Container.imagePullPolicy': 'enum=ImagePullPolicy',
    'Container.ports': 'merge(containerPort) map(containerPort,protocol)',
    'Container.resources': 'embedded',
    'Container.terminationMessagePolicy': 'enum=TerminationMessagePolicy',
    'Container.volumeDevices': 'merge(devicePath)',
    'Container.volumeMounts': 'merge(mountPath)',
    'ContainerPort.protocol': 'default="TCP" enum=ContainerPortProtocol',
    'ContainerRestartRule.action': 'pointer',
    'ContainerRestartRuleOnExitCodes.operator': 'pointer',
    'ContainerRestartRuleOnExitCodes.values': 'set',
    'ContainerStatus.allocatedResources': 'Quantity',
    'ContainerStatus.allocatedResourcesStatus': 'merge(name)',
    'ContainerStatus.lastState': 'embedded',
    'ContainerStatus.state': 'embedded',
    'ContainerStatus.stopSignal': 'enum=StopSignal',
    'ContainerStatus.volumeMounts': 'merge(mountPath)',
    'EmptyDirVolumeSource.sizeLimit': 'Quantity',
    EndpointAddress: 'atomic',
    EndpointPort: 'atomic',
    'EndpointPort.protocol': 'enum=ContainerPortProtocol',
    'EphemeralContainer.env': 'merge(name)',
    'EphemeralContainer.imagePullPolicy': 'enum=ImagePullPolicy',
    'EphemeralContainer.ports': 'merge(containerPort) map(containerPort,protocol)',
    'EphemeralContainer.resources': 'embedded',
    'EphemeralContainer.terminationMessagePolicy': 'enum=TerminationMessagePolicy',
    'EphemeralContainer.volumeDevices': 'merge(devicePath)',
    'EphemeralContainer.volumeMounts': 'merge(mountPath)',
    'Event.reportingComponent': 'plain',
    'Event.reportingInstance': 'plain',
    'Event.source': 'embedded',
    FileKeySelector: 'atomic',
    'FileKeySelector.optional': 'plain',
    'GRPCAction.service': 'plain',
    'HTTPGetAction.scheme': 'enum=HTTPGetActionScheme',
    'HostPathVolumeSource.type': 'enum=HostPathVolumeType',
    'ISCSIPersistentVolumeSource.iscsiInterface': 'default="default"',
    'ISCSIVolumeSource.iscsiInterface': 'default="default"',
    'ImageVolumeSource.pullPolicy': 'enum=ImagePullPolicy',
    'ImageVolumeStatus.imageRef': 'pointer',
    'Lifecycle.stopSignal': 'enum=StopSignal',
    'LimitRange.spec': 'embedded',
    'LimitRangeItem.default': 'Quantity',
    'LimitRangeItem.defaultRequest': 'Quantity',
    'LimitRangeItem.max': 'Quantity',
    'LimitRangeItem.maxLimitRequestRatio': 'Quantity',
    'LimitRangeItem.min': 'Quantity',
    LocalObjectReference: 'atomic',
    'LocalObjectReference.name': 'plain',
    'ModifyVolumeStatus.status': 'enum=ModifyVolumeStatus',
    'Namespace.spec': 'embedded',
    'Namespace.status': 'embedded',
    'NamespaceStatus.conditions': 'merge(type)',
    'NamespaceStatus.phase': 'enum=NamespacePhase',
    'Node.spec': 'embedded',
    'Node.status': 'embedded',
    'NodeAllocatableResourceClaimStatus.containers': 'set',
    'NodeAllocatableResourceClaimStatus.resources': 'Quantity',
    'NodeDaemonEndpoints.kubeletEndpoint': 'embedded',
    'NodeRuntimeHandler.name': 'plain',
    NodeSelector: 'atomic',
    'NodeSelectorRequirement.operator': 'enum=NodeSelectorRequirementOperator',
    NodeSelectorTerm: 'atomic',
    'NodeSpec.podCIDRs': 'set merge',
    'NodeStatus.addresses': 'merge(type)',
    'NodeStatus.allocatable': 'Quantity',
    'NodeStatus.capacity': 'Quantity',
    'NodeStatus.conditions': 'merge(type)',
    'NodeStatus.daemonEndpoints': 'embedded',
    'NodeStatus.nodeInfo': 'embedded',
    'NodeStatus.phase': 'enum=NodePhase',
    ObjectFieldSelector: 'atomic',
    ObjectReference: 'atomic',
    'PersistentVolume.spec': 'embedded',
    'PersistentVolume.status': 'embedded',
    'PersistentVolumeClaim.spec': 'embedded',
    'PersistentVolumeClaim.status': 'embedded',
    'PersistentVolumeClaimSpec.accessModes': 'enum=AccessModes',
    'PersistentVolumeClaimSpec.resources': 'embedded',
    'PersistentVolumeClaimSpec.volumeMode': 'enum=VolumeMode',
    'PersistentVolumeClaimStatus.accessModes': 'enum=AccessModes',
    'PersistentVolumeClaimStatus.allocatedResourceStatuses': 'granular enum=AllocatedResourceStatuses',
    'PersistentVolumeClaimStatus.allocatedResources': 'Quantity',
    'PersistentVolumeClaimStatus.capacity': 'Quantity',
    'PersistentVolumeClaimStatus.conditions': 'merge(type)',
    'PersistentVolumeClaimStatus.phase': 'enum=PersistentVolumeClaimPhase',
    'PersistentVolumeSpec.accessModes': 'enum=AccessModes',
    'PersistentVolumeSpec.capacity': 'Quantity',
    'PersistentVolumeSpec.claimRef': 'granular',
    'PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'enum=PersistentVolumeReclaimPolicy',
    'PersistentVolumeSpec.volumeMode': 'enum=VolumeMode',
    'PersistentVolumeStatus.phase': 'enum=PersistentVolumePhase',
    'Pod.spec': 'embedded',
    'Pod.status': 'embedded',
    'PodCertificateProjection.keyType': 'pointer',
    'PodCertificateProjection.signerName': 'pointer',
    PodSchedulingGroup: 'union=[{"fields-to-discriminateBy":{"podGroupName":"PodGroupName"}}]',
    'PodSecurityContext.fsGroupChangePolicy': 'enum=FsGroupChangePolicy',
    'PodSecurityContext.supplementalGroupsPolicy': 'enum=SupplementalGroupsPolicy',
    'PodSpec.containers': 'merge(name)',
    'PodSpec.dnsPolicy': 'enum=DnsPolicy',
    'PodSpec.ephemeralContainers': 'merge(name)',
    'PodSpec.hostAliases': 'merge(ip)',
    'PodSpec.imagePullSecrets': 'merge(name)',
    'PodSpec.initContainers': 'merge(name)',
    'PodSpec.nodeSelector': 'atomic',
    'PodSpec.overhead': 'Quantity',
    'PodSpec.preemptionPolicy': 'enum=PreemptionPolicy',
    'PodSpec.resourceClaims': 'merge,retainKeys(name)',
    'PodSpec.restartPolicy': 'enum=RestartPolicy',
    'PodSpec.schedulingGates': 'merge(name)',
    'PodSpec.topologySpreadConstraints': 'merge(topologyKey) map(topologyKey,whenUnsatisfiable)',
    'PodSpec.volumes': 'merge,retainKeys(name)',
    'PodStatus.allocatedResources': 'Quantity',
    'PodStatus.conditions': 'merge(type)',
    'PodStatus.hostIPs': 'merge(ip) atomic',
    'PodStatus.phase': 'enum=PodPhase',
    'PodStatus.podIPs': 'merge(ip)',
    'PodStatus.qosClass': 'enum=PodQosClass',
    'PodStatus.resourceClaimStatuses': 'merge,retainKeys(name)',
    'PodTemplate.template': 'embedded',
    'PodTemplateSpec.spec': 'embedded',
    'PortStatus.protocol': 'enum=ContainerPortProtocol',
    'RBDPersistentVolumeSource.keyring': 'default="/etc/ceph/keyring"',
    'RBDPersistentVolumeSource.pool': 'default="rbd"',
    'RBDPersistentVolumeSource.user': 'default="admin"',
    'RBDVolumeSource.keyring': 'default="/etc/ceph/keyring"',
    'RBDVolumeSource.pool': 'default="rbd"',
    'RBDVolumeSource.user': 'default="admin"',
    'ReplicationController.spec': 'embedded',
    'ReplicationController.status': 'embedded',
    'ReplicationControllerSpec.minReadySeconds': 'plain',
    'ReplicationControllerSpec.replicas': 'default=1',
    'ReplicationControllerSpec.selector': 'atomic',
    'ReplicationControllerStatus.conditions': 'merge(type)',
    ResourceFieldSelector: 'atomic',
    'ResourceFieldSelector.divisor': 'Quantity',
    'ResourceQuota.spec': 'embedded',
    'ResourceQuota.status': 'embedded',
    'ResourceQuotaSpec.hard': 'Quantity',
    'ResourceQuotaSpec.scopes': 'enum=ResourceQuotaScopes',
    'ResourceQuotaStatus.hard': 'Quantity',
    'ResourceQuotaStatus.used': 'Quantity',
    'ResourceRequirements.claims': 'map(name)',
    'ResourceRequirements.limits': 'Quantity',
    'ResourceRequirements.requests': 'Quantity',
    'ResourceStatus.resources': 'map(resourceID)',
    'ScaleIOPersistentVolumeSource.fsType': 'default="xfs"',
    'ScaleIOPersistentVolumeSource.secretRef': 'pointer',
    'ScaleIOPersistentVolumeSource.storageMode': 'default="ThinProvisioned"',
    'ScaleIOVolumeSource.fsType': 'default="xfs"',
    'ScaleIOVolumeSource.secretRef': 'pointer',
    'ScaleIOVolumeSource.storageMode': 'default="ThinProvisioned"',
    ScopeSelector: 'atomic',
    'ScopedResourceSelectorRequirement.operator': 'enum=ScopedResourceSelectorRequirementOperator',
    'ScopedResourceSelectorRequirement.scopeName': 'enum=ResourceQuotaScopes',
    SeccompProfile:
      'union=[{"discriminator":"type","fields-to-discriminateBy":{"localhostProfile":"LocalhostProfile"}}]',
    'SeccompProfile.type': 'enum=AppArmorProfileType',
    'SecretEnvSource.name': 'plain',
    SecretKeySelector: 'atomic',
    'SecretKeySelector.name': 'plain',
    'SecretProjection.name': 'plain',
    SecretReference: 'atomic',
    'SecurityContext.procMount': 'enum=ProcMount',
    'Service.spec': 'embedded',
    'Service.status': 'embedded',
    'ServiceAccount.secrets': 'merge(name)',
    'ServicePort.protocol': 'default="TCP" enum=ContainerPortProtocol',
    'ServiceSpec.externalTrafficPolicy': 'enum=ExternalTrafficPolicy',
    'ServiceSpec.internalTrafficPolicy': 'enum=ExternalTrafficPolicy',
    'ServiceSpec.ipFamilies': 'enum=IpFamilies',
    'ServiceSpec.ipFamilyPolicy': 'enum=IpFamilyPolicy',
    'ServiceSpec.ports': 'merge(port) map(port,protocol)',
    'ServiceSpec.selector': 'atomic',
    'ServiceSpec.sessionAffinity': 'enum=SessionAffinity',
    'ServiceSpec.type': 'enum=ServiceType',
    'ServiceStatus.conditions': 'merge(type)',
    'ServiceStatus.loadBalancer': 'embedded',
    'Taint.effect': 'enum=TaintEffect',
    'Toleration.effect': 'enum=TaintEffect',
    'Toleration.operator': 'enum=TolerationOperator',
    TopologySelectorTerm: 'atomic',
    'TopologySpreadConstraint.nodeAffinityPolicy': 'enum=NodeAffinityPolicy',
    'TopologySpreadConstraint.nodeTaintsPolicy': 'enum=NodeAffinityPolicy',
    'TopologySpreadConstraint.whenUnsatisfiable': 'enum=WhenUnsatisfiable',
    TypedLocalObjectReference: 'atomic',
    'VolumeMount.mountPropagation': 'enum=MountPropagation',
    'VolumeResourceRequirements.limits': 'Quantity',
    'VolumeResourceRequirements.requests': 'Quantity',
  },
  'io.k8s.api.discovery.v1': {
    'Endpoint.addresses': 'set',
    'Endpoint.conditions': 'embedded',
    EndpointPort: 'atomic',
    'EndpointPort.protocol': 'enum=ContainerPortProtocol',
    'EndpointSlice.addressType': 'enum=AddressType',
  },
  'io.k8s.api.events.v1': {
    'Event.deprecatedSource': 'embedded',
    'Event.regarding': 'embedded',
  },
  'io.k8s.api.flowcontrol.v1': {
    'FlowSchema.spec': 'embedded',
    'FlowSchema.status': 'embedded',
    'FlowSchemaSpec.matchingPrecedence': 'plain',
    'FlowSchemaStatus.conditions': 'merge(type)',
    LimitResponse: 'union=[{"discriminator":"type","fields-to-discriminateBy":{"queuing":"Queuing"}}]',
    'LimitedPriorityLevelConfiguration.limitResponse': 'embedded',
    'NonResourcePolicyRule.nonResourceURLs': 'set',
    'NonResourcePolicyRule.verbs': 'set',
    'PriorityLevelConfiguration.spec': 'embedded',
    'PriorityLevelConfiguration.status': 'embedded',
    PriorityLevelConfigurationSpec:
      'union=[{"discriminator":"type","fields-to-discriminateBy":{"exempt":"Exempt","limited":"Limited"}}]',
    'PriorityLevelConfigurationStatus.conditions': 'merge(type)',
    'QueuingConfiguration.handSize': 'plain',
    'QueuingConfiguration.queueLengthLimit': 'plain',
    'QueuingConfiguration.queues': 'plain',
    'ResourcePolicyRule.apiGroups': 'set',
    'ResourcePolicyRule.namespaces': 'set',
    'ResourcePolicyRule.resources': 'set',
    'ResourcePolicyRule.verbs': 'set',
    Subject:
      'union=[{"discriminator":"kind","fields-to-discriminateBy":{"group":"Group","serviceAccount":"ServiceAccount","user":"User"}}]',
  },
  'io.k8s.api.networking.v1': {
    'HTTPIngressPath.pathType': 'pointer enum=HTTPIngressPathPathType',
    'IPAddressSpec.parentRef': 'pointer',
    'Ingress.spec': 'embedded',
    'Ingress.status': 'embedded',
    'IngressClass.spec': 'embedded',
    'IngressPortStatus.protocol': 'enum=ContainerPortProtocol',
    'IngressServiceBackend.port': 'embedded',
    'IngressStatus.loadBalancer': 'embedded',
    'NetworkPolicy.spec': 'embedded',
    'NetworkPolicyPort.protocol': 'enum=ContainerPortProtocol',
    'NetworkPolicySpec.podSelector': 'embedded',
    'NetworkPolicySpec.policyTypes': 'enum=PolicyTypes',
    'ParentReference.name': 'pointer',
    'ParentReference.resource': 'pointer',
    ServiceBackendPort: 'atomic',
    'ServiceCIDR.spec': 'embedded',
    'ServiceCIDR.status': 'embedded',
    'ServiceCIDRStatus.conditions': 'merge(type)',
  },
  'io.k8s.api.node.v1': {
    'Overhead.podFixed': 'Quantity',
    'Scheduling.nodeSelector': 'atomic',
  },
  'io.k8s.api.policy.v1': {
    'PodDisruptionBudget.spec': 'embedded',
    'PodDisruptionBudget.status': 'embedded',
    'PodDisruptionBudgetSpec.selector': 'replace',
    'PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy': 'enum=UnhealthyPodEvictionPolicy',
    'PodDisruptionBudgetStatus.conditions': 'merge(type)',
    'PodDisruptionBudgetStatus.currentHealthy': 'plain',
    'PodDisruptionBudgetStatus.desiredHealthy': 'plain',
    'PodDisruptionBudgetStatus.disruptionsAllowed': 'plain',
    'PodDisruptionBudgetStatus.expectedPods': 'plain',
  },
  'io.k8s.api.rbac.v1': {
    RoleRef: 'atomic',
    'RoleRef.apiGroup': 'plain',
    Subject: 'atomic',
  },
  'io.k8s.api.resource.v1': {
    'AllocatedDeviceStatus.conditions': 'map(type)',
    'AllocatedDeviceStatus.data': 'RawExtension',
    'AllocationResult.devices': 'embedded',
    'CapacityRequestPolicy.default': 'Quantity',
    'CapacityRequestPolicy.validValues': 'Quantity',
    'CapacityRequestPolicyRange.max': 'Quantity',
    'CapacityRequestPolicyRange.min': 'Quantity',
    'CapacityRequestPolicyRange.step': 'Quantity',
    'CapacityRequirements.requests': 'Quantity',
    'Counter.value': 'Quantity',
    'DeviceAllocationConfiguration.source': 'enum=DeviceAllocationConfigurationSource',
    'DeviceCapacity.value': 'Quantity',
    'DeviceRequestAllocationResult.consumedCapacity': 'Quantity',
    'DeviceSubRequest.allocationMode': 'enum=AllocationMode',
    'DeviceTaint.effect': 'enum=DeviceTaintEffect',
    'DeviceToleration.effect': 'enum=DeviceTaintEffect',
    'DeviceToleration.operator': 'default="Equal" enum=DeviceTolerationOperator',
    'ExactDeviceRequest.allocationMode': 'enum=AllocationMode',
    'NodeAllocatableResourceMapping.allocationMultiplier': 'Quantity',
    'OpaqueDeviceConfiguration.parameters': 'RawExtension',
    'ResourceClaim.status': 'embedded',
    'ResourceClaimSpec.devices': 'embedded',
    'ResourceClaimStatus.devices': 'map(driver,device,pool,shareID)',
    'ResourceClaimStatus.reservedFor': 'merge(uid)',
  },
  'io.k8s.api.scheduling.v1': {
    'PriorityClass.preemptionPolicy': 'enum=PreemptionPolicy',
    'PriorityClass.value': 'plain',
  },
  'io.k8s.api.storage.v1': {
    'CSIDriverSpec.volumeLifecycleModes': 'set',
    'CSINodeSpec.drivers': 'merge(name)',
    'CSIStorageCapacity.capacity': 'Quantity',
    'CSIStorageCapacity.maximumVolumeSize': 'Quantity',
    'StorageClass.reclaimPolicy': 'enum=PersistentVolumeReclaimPolicy',
    'StorageClass.volumeBindingMode': 'enum=VolumeBindingMode',
    'VolumeAttachment.status': 'embedded',
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1': {
    'CustomResourceDefinition.status': 'embedded',
    'CustomResourceDefinitionStatus.acceptedNames': 'embedded',
    'CustomResourceDefinitionStatus.conditions': 'map(type)',
    'CustomResourceSubresources.status': 'CustomResourceSubresourceStatus',
    'JSONSchemaProps.additionalItems': 'JSONSchemaPropsOrBool',
    'JSONSchemaProps.additionalProperties': 'JSONSchemaPropsOrBool',
    'JSONSchemaProps.default': 'JSON',
    'JSONSchemaProps.dependencies': 'JSONSchemaPropsOrStringArray',
    'JSONSchemaProps.enum': 'JSON',
    'JSONSchemaProps.example': 'JSON',
    'JSONSchemaProps.items': 'JSONSchemaPropsOrArray',
    'JSONSchemaProps.x-kubernetes-validations': 'merge(rule)',
    'ValidationRule.reason': 'enum=ValidationRuleReason',
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1': {
    APIGroup: 'kind',
    'APIGroup.preferredVersion': 'embedded',
    APIGroupList: 'kind',
    'APIResource.verbs': 'untyped',
    APIResourceList: 'kind',
    APIVersions: 'kind',
    DeleteOptions: 'kind',
    LabelSelector: 'atomic',
    'ManagedFieldsEntry.fieldsV1': 'FieldsV1',
    'ObjectMeta.finalizers': 'set merge',
    'ObjectMeta.ownerReferences': 'merge(uid)',
    OwnerReference: 'atomic',
    WatchEvent: 'kind',
    'WatchEvent.object': 'RawExtension',
  },
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1': {
    'APIService.spec': 'embedded',
    'APIService.status': 'embedded',
    'APIServiceSpec.caBundle': 'atomic',
    'APIServiceStatus.conditions': 'merge(type)',
  },
};
