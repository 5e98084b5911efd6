/**
 * What Go's types put on the wire for every built-in kind, where the OpenAPI document does not say it.
 * @facts derived from the types and the OpenAPI document of Kubernetes 1.36.
 *
 * One string for each type, its fields parted by blanks: `~f` is left out when it is zero, `!f=s|i|b` is always there
 * (`""`, `0`, `false`), `f[]` and `f{}` are left out when empty and null with `!`, `f:Type` is a struct that is kept as
 * given and always there with `!`. `Q` is a quantity, `T` and `M` a time that is null when unknown. Fields that are
 * pointers in Go keep whatever they were given and are not listed.
 */
export const WIRE_FORMS: Readonly<Record<string, string>> = {
  OwnerReference: '!apiVersion=s !kind=s !name=s !uid=s',
  ObjectMeta:
    '~name ~generateName ~namespace ~selfLink ~uid ~resourceVersion ~generation labels{} annotations{} ownerReferences[]:OwnerReference finalizers[] managedFields[]',
  'admissionregistration.v1.ApplyConfiguration': '~expression',
  'admissionregistration.v1.AuditAnnotation': '!key=s !valueExpression=s',
  'admissionregistration.v1.ExpressionWarning': '!fieldRef=s !warning=s',
  'admissionregistration.v1.JSONPatch': '~expression',
  'admissionregistration.v1.MatchCondition': '!expression=s !name=s',
  'admissionregistration.v1.MatchResources':
    'excludeResourceRules[]:admissionregistration.v1.NamedRuleWithOperations namespaceSelector:meta.v1.LabelSelector objectSelector:meta.v1.LabelSelector resourceRules[]:admissionregistration.v1.NamedRuleWithOperations',
  'admissionregistration.v1.MutatingAdmissionPolicy':
    '!metadata:ObjectMeta !spec:admissionregistration.v1.MutatingAdmissionPolicySpec',
  'admissionregistration.v1.MutatingAdmissionPolicyBinding':
    '!metadata:ObjectMeta !spec:admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec':
    'matchResources:admissionregistration.v1.MatchResources paramRef:admissionregistration.v1.ParamRef ~policyName',
  'admissionregistration.v1.MutatingAdmissionPolicySpec':
    'matchConditions[]:admissionregistration.v1.MatchCondition matchConstraints:admissionregistration.v1.MatchResources mutations[]:admissionregistration.v1.Mutation paramKind:admissionregistration.v1.ParamKind ~reinvocationPolicy variables[]:admissionregistration.v1.Variable',
  'admissionregistration.v1.MutatingWebhook':
    '!admissionReviewVersions[] !clientConfig:admissionregistration.v1.WebhookClientConfig matchConditions[]:admissionregistration.v1.MatchCondition !name=s namespaceSelector:meta.v1.LabelSelector objectSelector:meta.v1.LabelSelector rules[]:admissionregistration.v1.RuleWithOperations',
  'admissionregistration.v1.MutatingWebhookConfiguration':
    '!metadata:ObjectMeta webhooks[]:admissionregistration.v1.MutatingWebhook',
  'admissionregistration.v1.Mutation':
    'applyConfiguration:admissionregistration.v1.ApplyConfiguration jsonPatch:admissionregistration.v1.JSONPatch !patchType=s',
  'admissionregistration.v1.NamedRuleWithOperations':
    'apiGroups[] apiVersions[] operations[] resourceNames[] resources[]',
  'admissionregistration.v1.ParamKind': '~apiVersion ~kind',
  'admissionregistration.v1.ParamRef': '~name ~namespace selector:meta.v1.LabelSelector',
  'admissionregistration.v1.RuleWithOperations': 'apiGroups[] apiVersions[] operations[] resources[]',
  'admissionregistration.v1.ServiceReference': '!name=s !namespace=s',
  'admissionregistration.v1.TypeChecking': 'expressionWarnings[]:admissionregistration.v1.ExpressionWarning',
  'admissionregistration.v1.ValidatingAdmissionPolicy':
    '!metadata:ObjectMeta !spec:admissionregistration.v1.ValidatingAdmissionPolicySpec !status:admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  'admissionregistration.v1.ValidatingAdmissionPolicyBinding':
    '!metadata:ObjectMeta !spec:admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec':
    'matchResources:admissionregistration.v1.MatchResources paramRef:admissionregistration.v1.ParamRef !policyName=s !validationActions[]',
  'admissionregistration.v1.ValidatingAdmissionPolicySpec':
    'auditAnnotations[]:admissionregistration.v1.AuditAnnotation matchConditions[]:admissionregistration.v1.MatchCondition matchConstraints:admissionregistration.v1.MatchResources paramKind:admissionregistration.v1.ParamKind validations[]:admissionregistration.v1.Validation variables[]:admissionregistration.v1.Variable',
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus':
    'conditions[]:meta.v1.Condition ~observedGeneration typeChecking:admissionregistration.v1.TypeChecking',
  'admissionregistration.v1.ValidatingWebhook':
    '!admissionReviewVersions[] !clientConfig:admissionregistration.v1.WebhookClientConfig matchConditions[]:admissionregistration.v1.MatchCondition !name=s namespaceSelector:meta.v1.LabelSelector objectSelector:meta.v1.LabelSelector rules[]:admissionregistration.v1.RuleWithOperations',
  'admissionregistration.v1.ValidatingWebhookConfiguration':
    '!metadata:ObjectMeta webhooks[]:admissionregistration.v1.ValidatingWebhook',
  'admissionregistration.v1.Validation': '!expression=s ~message ~messageExpression',
  'admissionregistration.v1.Variable': '!expression=s !name=s',
  'admissionregistration.v1.WebhookClientConfig': '~caBundle service:admissionregistration.v1.ServiceReference',
  'apps.v1.ControllerRevision': '!metadata:ObjectMeta !revision=i',
  'apps.v1.DaemonSet': '!metadata:ObjectMeta !spec:apps.v1.DaemonSetSpec !status:apps.v1.DaemonSetStatus',
  'apps.v1.DaemonSetCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'apps.v1.DaemonSetSpec':
    '~minReadySeconds selector:meta.v1.LabelSelector !template:core.v1.PodTemplateSpec !updateStrategy:apps.v1.DaemonSetUpdateStrategy',
  'apps.v1.DaemonSetStatus':
    'conditions[]:apps.v1.DaemonSetCondition !currentNumberScheduled=i !desiredNumberScheduled=i ~numberAvailable !numberMisscheduled=i !numberReady=i ~numberUnavailable ~observedGeneration ~updatedNumberScheduled',
  'apps.v1.DaemonSetUpdateStrategy': '~type',
  'apps.v1.Deployment': '!metadata:ObjectMeta !spec:apps.v1.DeploymentSpec !status:apps.v1.DeploymentStatus',
  'apps.v1.DeploymentCondition': '!lastTransitionTime:T !lastUpdateTime:T ~message ~reason !status=s !type=s',
  'apps.v1.DeploymentSpec':
    '~minReadySeconds ~paused selector:meta.v1.LabelSelector !strategy:apps.v1.DeploymentStrategy !template:core.v1.PodTemplateSpec',
  'apps.v1.DeploymentStatus':
    '~availableReplicas conditions[]:apps.v1.DeploymentCondition ~observedGeneration ~readyReplicas ~replicas ~unavailableReplicas ~updatedReplicas',
  'apps.v1.DeploymentStrategy': '~type',
  'apps.v1.ReplicaSet': '!metadata:ObjectMeta !spec:apps.v1.ReplicaSetSpec !status:apps.v1.ReplicaSetStatus',
  'apps.v1.ReplicaSetCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'apps.v1.ReplicaSetSpec': '~minReadySeconds selector:meta.v1.LabelSelector !template:core.v1.PodTemplateSpec',
  'apps.v1.ReplicaSetStatus':
    '~availableReplicas conditions[]:apps.v1.ReplicaSetCondition ~fullyLabeledReplicas ~observedGeneration ~readyReplicas !replicas=i',
  'apps.v1.StatefulSet': '!metadata:ObjectMeta !spec:apps.v1.StatefulSetSpec !status:apps.v1.StatefulSetStatus',
  'apps.v1.StatefulSetCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'apps.v1.StatefulSetOrdinals': '!start=i',
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy': '~whenDeleted ~whenScaled',
  'apps.v1.StatefulSetSpec':
    '~minReadySeconds ordinals:apps.v1.StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy ~podManagementPolicy selector:meta.v1.LabelSelector !serviceName=s !template:core.v1.PodTemplateSpec !updateStrategy:apps.v1.StatefulSetUpdateStrategy volumeClaimTemplates[]:core.v1.PersistentVolumeClaim',
  'apps.v1.StatefulSetStatus':
    '!availableReplicas=i conditions[]:apps.v1.StatefulSetCondition ~currentReplicas ~currentRevision ~observedGeneration ~readyReplicas !replicas=i ~updateRevision ~updatedReplicas',
  'apps.v1.StatefulSetUpdateStrategy': '~type',
  'authentication.v1.SelfSubjectReview': '!metadata:ObjectMeta !status:authentication.v1.SelfSubjectReviewStatus',
  'authentication.v1.SelfSubjectReviewStatus': '!userInfo:authentication.v1.UserInfo',
  'authentication.v1.TokenReview':
    '!metadata:ObjectMeta !spec:authentication.v1.TokenReviewSpec !status:authentication.v1.TokenReviewStatus',
  'authentication.v1.TokenReviewSpec': 'audiences[] !token=s',
  'authentication.v1.TokenReviewStatus': 'audiences[] ~error !user:authentication.v1.UserInfo',
  'authentication.v1.UserInfo': 'extra{} groups[] ~uid ~username',
  'authorization.v1.FieldSelectorAttributes': '~rawSelector requirements[]:meta.v1.FieldSelectorRequirement',
  'authorization.v1.LabelSelectorAttributes': '~rawSelector requirements[]:meta.v1.LabelSelectorRequirement',
  'authorization.v1.LocalSubjectAccessReview':
    '!metadata:ObjectMeta !spec:authorization.v1.SubjectAccessReviewSpec !status:authorization.v1.SubjectAccessReviewStatus',
  'authorization.v1.NonResourceAttributes': '~path ~verb',
  'authorization.v1.NonResourceRule': 'nonResourceURLs[] !verbs[]',
  'authorization.v1.ResourceAttributes':
    'fieldSelector:authorization.v1.FieldSelectorAttributes ~group labelSelector:authorization.v1.LabelSelectorAttributes ~name ~namespace ~resource ~subresource ~verb ~version',
  'authorization.v1.ResourceRule': 'apiGroups[] resourceNames[] resources[] !verbs[]',
  'authorization.v1.SelfSubjectAccessReview':
    '!metadata:ObjectMeta !spec:authorization.v1.SelfSubjectAccessReviewSpec !status:authorization.v1.SubjectAccessReviewStatus',
  'authorization.v1.SelfSubjectAccessReviewSpec':
    'nonResourceAttributes:authorization.v1.NonResourceAttributes resourceAttributes:authorization.v1.ResourceAttributes',
  'authorization.v1.SelfSubjectRulesReview':
    '!metadata:ObjectMeta !spec:authorization.v1.SelfSubjectRulesReviewSpec !status:authorization.v1.SubjectRulesReviewStatus',
  'authorization.v1.SelfSubjectRulesReviewSpec': '~namespace',
  'authorization.v1.SubjectAccessReview':
    '!metadata:ObjectMeta !spec:authorization.v1.SubjectAccessReviewSpec !status:authorization.v1.SubjectAccessReviewStatus',
  'authorization.v1.SubjectAccessReviewSpec':
    'extra{} groups[] nonResourceAttributes:authorization.v1.NonResourceAttributes resourceAttributes:authorization.v1.ResourceAttributes ~uid ~user',
  'authorization.v1.SubjectAccessReviewStatus': '!allowed=b ~evaluationError ~reason',
  'authorization.v1.SubjectRulesReviewStatus':
    '~evaluationError !incomplete=b !nonResourceRules[]:authorization.v1.NonResourceRule !resourceRules[]:authorization.v1.ResourceRule',
  'autoscaling.v1.CrossVersionObjectReference': '~apiVersion !kind=s !name=s',
  'autoscaling.v1.HorizontalPodAutoscaler':
    '!metadata:ObjectMeta !spec:autoscaling.v1.HorizontalPodAutoscalerSpec !status:autoscaling.v1.HorizontalPodAutoscalerStatus',
  'autoscaling.v1.HorizontalPodAutoscalerSpec':
    '!maxReplicas=i !scaleTargetRef:autoscaling.v1.CrossVersionObjectReference',
  'autoscaling.v1.HorizontalPodAutoscalerStatus': '!currentReplicas=i !desiredReplicas=i',
  'autoscaling.v2.ContainerResourceMetricSource': '!container=s !name=s !target:autoscaling.v2.MetricTarget',
  'autoscaling.v2.ContainerResourceMetricStatus': '!container=s !current:autoscaling.v2.MetricValueStatus !name=s',
  'autoscaling.v2.CrossVersionObjectReference': '~apiVersion !kind=s !name=s',
  'autoscaling.v2.ExternalMetricSource': '!metric:autoscaling.v2.MetricIdentifier !target:autoscaling.v2.MetricTarget',
  'autoscaling.v2.ExternalMetricStatus':
    '!current:autoscaling.v2.MetricValueStatus !metric:autoscaling.v2.MetricIdentifier',
  'autoscaling.v2.HPAScalingPolicy': '!periodSeconds=i !type=s !value=i',
  'autoscaling.v2.HPAScalingRules': 'policies[]:autoscaling.v2.HPAScalingPolicy tolerance:Q',
  'autoscaling.v2.HorizontalPodAutoscaler':
    '!metadata:ObjectMeta !spec:autoscaling.v2.HorizontalPodAutoscalerSpec !status:autoscaling.v2.HorizontalPodAutoscalerStatus',
  'autoscaling.v2.HorizontalPodAutoscalerBehavior':
    'scaleDown:autoscaling.v2.HPAScalingRules scaleUp:autoscaling.v2.HPAScalingRules',
  'autoscaling.v2.HorizontalPodAutoscalerCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'autoscaling.v2.HorizontalPodAutoscalerSpec':
    'behavior:autoscaling.v2.HorizontalPodAutoscalerBehavior !maxReplicas=i metrics[]:autoscaling.v2.MetricSpec !scaleTargetRef:autoscaling.v2.CrossVersionObjectReference',
  'autoscaling.v2.HorizontalPodAutoscalerStatus':
    'conditions[]:autoscaling.v2.HorizontalPodAutoscalerCondition !currentMetrics[]:autoscaling.v2.MetricStatus ~currentReplicas !desiredReplicas=i',
  'autoscaling.v2.MetricIdentifier': '!name=s selector:meta.v1.LabelSelector',
  'autoscaling.v2.MetricSpec':
    'containerResource:autoscaling.v2.ContainerResourceMetricSource external:autoscaling.v2.ExternalMetricSource object:autoscaling.v2.ObjectMetricSource pods:autoscaling.v2.PodsMetricSource resource:autoscaling.v2.ResourceMetricSource !type=s',
  'autoscaling.v2.MetricStatus':
    'containerResource:autoscaling.v2.ContainerResourceMetricStatus external:autoscaling.v2.ExternalMetricStatus object:autoscaling.v2.ObjectMetricStatus pods:autoscaling.v2.PodsMetricStatus resource:autoscaling.v2.ResourceMetricStatus !type=s',
  'autoscaling.v2.MetricTarget': 'averageValue:Q !type=s value:Q',
  'autoscaling.v2.MetricValueStatus': 'averageValue:Q value:Q',
  'autoscaling.v2.ObjectMetricSource':
    '!describedObject:autoscaling.v2.CrossVersionObjectReference !metric:autoscaling.v2.MetricIdentifier !target:autoscaling.v2.MetricTarget',
  'autoscaling.v2.ObjectMetricStatus':
    '!current:autoscaling.v2.MetricValueStatus !describedObject:autoscaling.v2.CrossVersionObjectReference !metric:autoscaling.v2.MetricIdentifier',
  'autoscaling.v2.PodsMetricSource': '!metric:autoscaling.v2.MetricIdentifier !target:autoscaling.v2.MetricTarget',
  'autoscaling.v2.PodsMetricStatus':
    '!current:autoscaling.v2.MetricValueStatus !metric:autoscaling.v2.MetricIdentifier',
  'autoscaling.v2.ResourceMetricSource': '!name=s !target:autoscaling.v2.MetricTarget',
  'autoscaling.v2.ResourceMetricStatus': '!current:autoscaling.v2.MetricValueStatus !name=s',
  'batch.v1.CronJob': '!metadata:ObjectMeta !spec:batch.v1.CronJobSpec !status:batch.v1.CronJobStatus',
  'batch.v1.CronJobSpec': '~concurrencyPolicy !jobTemplate:batch.v1.JobTemplateSpec !schedule=s',
  'batch.v1.CronJobStatus': 'active[]:core.v1.ObjectReference',
  'batch.v1.Job': '!metadata:ObjectMeta !spec:batch.v1.JobSpec !status:batch.v1.JobStatus',
  'batch.v1.JobCondition': '!lastProbeTime:T !lastTransitionTime:T ~message ~reason !status=s !type=s',
  'batch.v1.JobSpec':
    'podFailurePolicy:batch.v1.PodFailurePolicy selector:meta.v1.LabelSelector successPolicy:batch.v1.SuccessPolicy !template:core.v1.PodTemplateSpec',
  'batch.v1.JobStatus':
    '~active ~completedIndexes conditions[]:batch.v1.JobCondition ~failed ~succeeded uncountedTerminatedPods:batch.v1.UncountedTerminatedPods',
  'batch.v1.JobTemplateSpec': '!metadata:ObjectMeta !spec:batch.v1.JobSpec',
  'batch.v1.PodFailurePolicy': '!rules[]:batch.v1.PodFailurePolicyRule',
  'batch.v1.PodFailurePolicyOnExitCodesRequirement': '!operator=s !values[]',
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': '!type=s',
  'batch.v1.PodFailurePolicyRule':
    '!action=s onExitCodes:batch.v1.PodFailurePolicyOnExitCodesRequirement onPodConditions[]:batch.v1.PodFailurePolicyOnPodConditionsPattern',
  'batch.v1.SuccessPolicy': '!rules[]',
  'batch.v1.UncountedTerminatedPods': 'failed[] succeeded[]',
  'certificates.v1.CertificateSigningRequest':
    '!metadata:ObjectMeta !spec:certificates.v1.CertificateSigningRequestSpec !status:certificates.v1.CertificateSigningRequestStatus',
  'certificates.v1.CertificateSigningRequestCondition':
    '!lastTransitionTime:T !lastUpdateTime:T ~message ~reason !status=s !type=s',
  'certificates.v1.CertificateSigningRequestSpec': 'extra{} groups[] !request=s !signerName=s ~uid usages[] ~username',
  'certificates.v1.CertificateSigningRequestStatus':
    '~certificate conditions[]:certificates.v1.CertificateSigningRequestCondition',
  'coordination.v1.Lease': '!metadata:ObjectMeta !spec:Empty',
  'core.v1.AWSElasticBlockStoreVolumeSource': '~fsType ~partition ~readOnly !volumeID=s',
  'core.v1.Affinity':
    'nodeAffinity:core.v1.NodeAffinity podAffinity:core.v1.PodAffinity podAntiAffinity:core.v1.PodAntiAffinity',
  'core.v1.AppArmorProfile': '!type=s',
  'core.v1.AttachedVolume': '!devicePath=s !name=s',
  'core.v1.AzureDiskVolumeSource': '!diskName=s !diskURI=s',
  'core.v1.AzureFilePersistentVolumeSource': '~readOnly !secretName=s !shareName=s',
  'core.v1.AzureFileVolumeSource': '~readOnly !secretName=s !shareName=s',
  'core.v1.Binding': '!metadata:ObjectMeta !target:core.v1.ObjectReference',
  'core.v1.CSIPersistentVolumeSource':
    'controllerExpandSecretRef:core.v1.SecretReference controllerPublishSecretRef:core.v1.SecretReference !driver=s ~fsType nodeExpandSecretRef:core.v1.SecretReference nodePublishSecretRef:core.v1.SecretReference nodeStageSecretRef:core.v1.SecretReference ~readOnly volumeAttributes{} !volumeHandle=s',
  'core.v1.CSIVolumeSource': '!driver=s nodePublishSecretRef:core.v1.LocalObjectReference volumeAttributes{}',
  'core.v1.Capabilities': 'add[] drop[]',
  'core.v1.CephFSPersistentVolumeSource':
    '!monitors[] ~path ~readOnly ~secretFile secretRef:core.v1.SecretReference ~user',
  'core.v1.CephFSVolumeSource': '!monitors[] ~path ~readOnly ~secretFile secretRef:core.v1.LocalObjectReference ~user',
  'core.v1.CinderPersistentVolumeSource': '~fsType ~readOnly secretRef:core.v1.SecretReference !volumeID=s',
  'core.v1.CinderVolumeSource': '~fsType ~readOnly secretRef:core.v1.LocalObjectReference !volumeID=s',
  'core.v1.ClusterTrustBundleProjection': 'labelSelector:meta.v1.LabelSelector !path=s',
  'core.v1.ComponentCondition': '~error ~message !status=s !type=s',
  'core.v1.ComponentStatus': 'conditions[]:core.v1.ComponentCondition !metadata:ObjectMeta',
  'core.v1.ConfigMap': 'binaryData{} data{} !metadata:ObjectMeta',
  'core.v1.ConfigMapEnvSource': '~name',
  'core.v1.ConfigMapKeySelector': '!key=s ~name',
  'core.v1.ConfigMapNodeConfigSource': '!kubeletConfigKey=s !name=s !namespace=s ~resourceVersion ~uid',
  'core.v1.ConfigMapProjection': 'items[]:core.v1.KeyToPath ~name',
  'core.v1.ConfigMapVolumeSource': 'items[]:core.v1.KeyToPath ~name',
  'core.v1.Container':
    'args[] command[] env[]:core.v1.EnvVar envFrom[]:core.v1.EnvFromSource ~image ~imagePullPolicy lifecycle:core.v1.Lifecycle livenessProbe:core.v1.Probe !name=s ports[]:core.v1.ContainerPort readinessProbe:core.v1.Probe resizePolicy[]:core.v1.ContainerResizePolicy !resources:core.v1.ResourceRequirements restartPolicyRules[]:core.v1.ContainerRestartRule securityContext:core.v1.SecurityContext startupProbe:core.v1.Probe ~stdin ~stdinOnce ~terminationMessagePath ~terminationMessagePolicy ~tty volumeDevices[]:core.v1.VolumeDevice volumeMounts[]:core.v1.VolumeMount ~workingDir',
  'core.v1.ContainerExtendedResourceRequest': '!containerName=s !requestName=s !resourceName=s',
  'core.v1.ContainerImage': 'names[] ~sizeBytes',
  'core.v1.ContainerPort': '!containerPort=i ~hostIP ~hostPort ~name ~protocol',
  'core.v1.ContainerResizePolicy': '!resourceName=s !restartPolicy=s',
  'core.v1.ContainerRestartRule': '!action=s exitCodes:core.v1.ContainerRestartRuleOnExitCodes',
  'core.v1.ContainerRestartRuleOnExitCodes': '!operator=s values[]',
  'core.v1.ContainerState':
    'running:core.v1.ContainerStateRunning terminated:core.v1.ContainerStateTerminated waiting:core.v1.ContainerStateWaiting',
  'core.v1.ContainerStateRunning': '!startedAt:T',
  'core.v1.ContainerStateTerminated': '~containerID !exitCode=i !finishedAt:T ~message ~reason ~signal !startedAt:T',
  'core.v1.ContainerStateWaiting': '~message ~reason',
  'core.v1.ContainerStatus':
    'allocatedResources{}:Q allocatedResourcesStatus[]:core.v1.ResourceStatus ~containerID !image=s !imageID=s !lastState:core.v1.ContainerState !name=s !ready=b resources:core.v1.ResourceRequirements !restartCount=i !state:core.v1.ContainerState user:core.v1.ContainerUser volumeMounts[]:core.v1.VolumeMountStatus',
  'core.v1.ContainerUser': 'linux:core.v1.LinuxContainerUser',
  'core.v1.DaemonEndpoint': '!Port=i',
  'core.v1.DownwardAPIProjection': 'items[]:core.v1.DownwardAPIVolumeFile',
  'core.v1.DownwardAPIVolumeFile':
    'fieldRef:core.v1.ObjectFieldSelector !path=s resourceFieldRef:core.v1.ResourceFieldSelector',
  'core.v1.DownwardAPIVolumeSource': 'items[]:core.v1.DownwardAPIVolumeFile',
  'core.v1.EmptyDirVolumeSource': '~medium sizeLimit:Q',
  'core.v1.EndpointAddress': '~hostname !ip=s targetRef:core.v1.ObjectReference',
  'core.v1.EndpointPort': '!port=i',
  'core.v1.EndpointSubset':
    'addresses[]:core.v1.EndpointAddress notReadyAddresses[]:core.v1.EndpointAddress ports[]:core.v1.EndpointPort',
  'core.v1.Endpoints': '!metadata:ObjectMeta subsets[]:core.v1.EndpointSubset',
  'core.v1.EnvFromSource': 'configMapRef:core.v1.ConfigMapEnvSource ~prefix secretRef:core.v1.SecretEnvSource',
  'core.v1.EnvVar': '!name=s ~value valueFrom:core.v1.EnvVarSource',
  'core.v1.EnvVarSource':
    'configMapKeyRef:core.v1.ConfigMapKeySelector fieldRef:core.v1.ObjectFieldSelector fileKeyRef:core.v1.FileKeySelector resourceFieldRef:core.v1.ResourceFieldSelector secretKeyRef:core.v1.SecretKeySelector',
  'core.v1.EphemeralContainer':
    'args[] command[] env[]:core.v1.EnvVar envFrom[]:core.v1.EnvFromSource ~image ~imagePullPolicy lifecycle:core.v1.Lifecycle livenessProbe:core.v1.Probe !name=s ports[]:core.v1.ContainerPort readinessProbe:core.v1.Probe resizePolicy[]:core.v1.ContainerResizePolicy !resources:core.v1.ResourceRequirements restartPolicyRules[]:core.v1.ContainerRestartRule securityContext:core.v1.SecurityContext startupProbe:core.v1.Probe ~stdin ~stdinOnce ~targetContainerName ~terminationMessagePath ~terminationMessagePolicy ~tty volumeDevices[]:core.v1.VolumeDevice volumeMounts[]:core.v1.VolumeMount ~workingDir',
  'core.v1.EphemeralVolumeSource': 'volumeClaimTemplate:core.v1.PersistentVolumeClaimTemplate',
  'core.v1.Event':
    '~action ~count !eventTime:M !firstTimestamp:T !involvedObject:core.v1.ObjectReference !lastTimestamp:T ~message !metadata:ObjectMeta ~reason related:core.v1.ObjectReference !reportingComponent=s !reportingInstance=s series:core.v1.EventSeries !source:core.v1.EventSource ~type',
  'core.v1.EventSeries': '~count !lastObservedTime:M',
  'core.v1.EventSource': '~component ~host',
  'core.v1.ExecAction': 'command[]',
  'core.v1.FCVolumeSource': '~fsType ~readOnly targetWWNs[] wwids[]',
  'core.v1.FileKeySelector': '!key=s !path=s !volumeName=s',
  'core.v1.FlexPersistentVolumeSource': '!driver=s ~fsType options{} ~readOnly secretRef:core.v1.SecretReference',
  'core.v1.FlexVolumeSource': '!driver=s ~fsType options{} ~readOnly secretRef:core.v1.LocalObjectReference',
  'core.v1.FlockerVolumeSource': '~datasetName ~datasetUUID',
  'core.v1.GCEPersistentDiskVolumeSource': '~fsType ~partition !pdName=s ~readOnly',
  'core.v1.GRPCAction': '!port=i ~service',
  'core.v1.GitRepoVolumeSource': '~directory !repository=s ~revision',
  'core.v1.GlusterfsPersistentVolumeSource': '!endpoints=s !path=s ~readOnly',
  'core.v1.GlusterfsVolumeSource': '!endpoints=s !path=s ~readOnly',
  'core.v1.HTTPGetAction': '~host httpHeaders[]:core.v1.HTTPHeader ~path ~scheme',
  'core.v1.HTTPHeader': '!name=s !value=s',
  'core.v1.HostAlias': 'hostnames[] !ip=s',
  'core.v1.HostIP': '!ip=s',
  'core.v1.HostPathVolumeSource': '!path=s',
  'core.v1.ISCSIPersistentVolumeSource':
    '~chapAuthDiscovery ~chapAuthSession ~fsType !iqn=s ~iscsiInterface !lun=i portals[] ~readOnly secretRef:core.v1.SecretReference !targetPortal=s',
  'core.v1.ISCSIVolumeSource':
    '~chapAuthDiscovery ~chapAuthSession ~fsType !iqn=s ~iscsiInterface !lun=i portals[] ~readOnly secretRef:core.v1.LocalObjectReference !targetPortal=s',
  'core.v1.ImageVolumeSource': '~pullPolicy ~reference',
  'core.v1.ImageVolumeStatus': '!imageRef=s',
  'core.v1.KeyToPath': '!key=s !path=s',
  'core.v1.Lifecycle': 'postStart:core.v1.LifecycleHandler preStop:core.v1.LifecycleHandler',
  'core.v1.LifecycleHandler':
    'exec:core.v1.ExecAction httpGet:core.v1.HTTPGetAction sleep:core.v1.SleepAction tcpSocket:core.v1.TCPSocketAction',
  'core.v1.LimitRange': '!metadata:ObjectMeta !spec:core.v1.LimitRangeSpec',
  'core.v1.LimitRangeItem': 'default{}:Q defaultRequest{}:Q max{}:Q maxLimitRequestRatio{}:Q min{}:Q !type=s',
  'core.v1.LimitRangeSpec': '!limits[]:core.v1.LimitRangeItem',
  'core.v1.LinuxContainerUser': '!gid=i supplementalGroups[] !uid=i',
  'core.v1.LoadBalancerIngress': '~hostname ~ip ports[]:core.v1.PortStatus',
  'core.v1.LoadBalancerStatus': 'ingress[]:core.v1.LoadBalancerIngress',
  'core.v1.LocalObjectReference': '~name',
  'core.v1.LocalVolumeSource': '!path=s',
  'core.v1.ModifyVolumeStatus': '!status=s ~targetVolumeAttributesClassName',
  'core.v1.NFSVolumeSource': '!path=s ~readOnly !server=s',
  'core.v1.Namespace': '!metadata:ObjectMeta !spec:core.v1.NamespaceSpec !status:core.v1.NamespaceStatus',
  'core.v1.NamespaceCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'core.v1.NamespaceSpec': 'finalizers[]',
  'core.v1.NamespaceStatus': 'conditions[]:core.v1.NamespaceCondition ~phase',
  'core.v1.Node': '!metadata:ObjectMeta !spec:core.v1.NodeSpec !status:core.v1.NodeStatus',
  'core.v1.NodeAddress': '!address=s !type=s',
  'core.v1.NodeAffinity':
    'preferredDuringSchedulingIgnoredDuringExecution[]:core.v1.PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution:core.v1.NodeSelector',
  'core.v1.NodeAllocatableResourceClaimStatus': 'containers[] !resourceClaimName=s !resources{}:Q',
  'core.v1.NodeCondition': '!lastHeartbeatTime:T !lastTransitionTime:T ~message ~reason !status=s !type=s',
  'core.v1.NodeConfigSource': 'configMap:core.v1.ConfigMapNodeConfigSource',
  'core.v1.NodeConfigStatus':
    'active:core.v1.NodeConfigSource assigned:core.v1.NodeConfigSource lastKnownGood:core.v1.NodeConfigSource',
  'core.v1.NodeDaemonEndpoints': '!kubeletEndpoint:core.v1.DaemonEndpoint',
  'core.v1.NodeRuntimeHandler': '!name=s',
  'core.v1.NodeSelector': '!nodeSelectorTerms[]:core.v1.NodeSelectorTerm',
  'core.v1.NodeSelectorRequirement': '!key=s !operator=s values[]',
  'core.v1.NodeSelectorTerm':
    'matchExpressions[]:core.v1.NodeSelectorRequirement matchFields[]:core.v1.NodeSelectorRequirement',
  'core.v1.NodeSpec':
    'configSource:core.v1.NodeConfigSource ~externalID ~podCIDR podCIDRs[] ~providerID taints[]:core.v1.Taint ~unschedulable',
  'core.v1.NodeStatus':
    'addresses[]:core.v1.NodeAddress allocatable{}:Q capacity{}:Q conditions[]:core.v1.NodeCondition config:core.v1.NodeConfigStatus !daemonEndpoints:core.v1.NodeDaemonEndpoints declaredFeatures[] images[]:core.v1.ContainerImage !nodeInfo:core.v1.NodeSystemInfo ~phase runtimeHandlers[]:core.v1.NodeRuntimeHandler volumesAttached[]:core.v1.AttachedVolume volumesInUse[]',
  'core.v1.NodeSystemInfo':
    '!architecture=s !bootID=s !containerRuntimeVersion=s !kernelVersion=s !kubeProxyVersion=s !kubeletVersion=s !machineID=s !operatingSystem=s !osImage=s !systemUUID=s',
  'core.v1.ObjectFieldSelector': '~apiVersion !fieldPath=s',
  'core.v1.ObjectReference': '~apiVersion ~fieldPath ~kind ~name ~namespace ~resourceVersion ~uid',
  'core.v1.PersistentVolume':
    '!metadata:ObjectMeta !spec:core.v1.PersistentVolumeSpec !status:core.v1.PersistentVolumeStatus',
  'core.v1.PersistentVolumeClaim':
    '!metadata:ObjectMeta !spec:core.v1.PersistentVolumeClaimSpec !status:core.v1.PersistentVolumeClaimStatus',
  'core.v1.PersistentVolumeClaimCondition': '!lastProbeTime:T !lastTransitionTime:T ~message ~reason !status=s !type=s',
  'core.v1.PersistentVolumeClaimSpec':
    'accessModes[] dataSource:core.v1.TypedLocalObjectReference dataSourceRef:core.v1.TypedObjectReference !resources:core.v1.VolumeResourceRequirements selector:meta.v1.LabelSelector ~volumeName',
  'core.v1.PersistentVolumeClaimStatus':
    'accessModes[] allocatedResourceStatuses{} allocatedResources{}:Q capacity{}:Q conditions[]:core.v1.PersistentVolumeClaimCondition modifyVolumeStatus:core.v1.ModifyVolumeStatus ~phase',
  'core.v1.PersistentVolumeClaimTemplate': '!metadata:ObjectMeta !spec:core.v1.PersistentVolumeClaimSpec',
  'core.v1.PersistentVolumeClaimVolumeSource': '!claimName=s ~readOnly',
  'core.v1.PersistentVolumeSpec':
    'accessModes[] awsElasticBlockStore:core.v1.AWSElasticBlockStoreVolumeSource azureDisk:core.v1.AzureDiskVolumeSource azureFile:core.v1.AzureFilePersistentVolumeSource capacity{}:Q cephfs:core.v1.CephFSPersistentVolumeSource cinder:core.v1.CinderPersistentVolumeSource claimRef:core.v1.ObjectReference csi:core.v1.CSIPersistentVolumeSource fc:core.v1.FCVolumeSource flexVolume:core.v1.FlexPersistentVolumeSource flocker:core.v1.FlockerVolumeSource gcePersistentDisk:core.v1.GCEPersistentDiskVolumeSource glusterfs:core.v1.GlusterfsPersistentVolumeSource hostPath:core.v1.HostPathVolumeSource iscsi:core.v1.ISCSIPersistentVolumeSource local:core.v1.LocalVolumeSource mountOptions[] nfs:core.v1.NFSVolumeSource nodeAffinity:core.v1.VolumeNodeAffinity ~persistentVolumeReclaimPolicy photonPersistentDisk:core.v1.PhotonPersistentDiskVolumeSource portworxVolume:core.v1.PortworxVolumeSource quobyte:core.v1.QuobyteVolumeSource rbd:core.v1.RBDPersistentVolumeSource scaleIO:core.v1.ScaleIOPersistentVolumeSource ~storageClassName storageos:core.v1.StorageOSPersistentVolumeSource vsphereVolume:core.v1.VsphereVirtualDiskVolumeSource',
  'core.v1.PersistentVolumeStatus': '~message ~phase ~reason',
  'core.v1.PhotonPersistentDiskVolumeSource': '~fsType !pdID=s',
  'core.v1.Pod': '!metadata:ObjectMeta !spec:core.v1.PodSpec !status:core.v1.PodStatus',
  'core.v1.PodAffinity':
    'preferredDuringSchedulingIgnoredDuringExecution[]:core.v1.WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution[]:core.v1.PodAffinityTerm',
  'core.v1.PodAffinityTerm':
    'labelSelector:meta.v1.LabelSelector matchLabelKeys[] mismatchLabelKeys[] namespaceSelector:meta.v1.LabelSelector namespaces[] !topologyKey=s',
  'core.v1.PodAntiAffinity':
    'preferredDuringSchedulingIgnoredDuringExecution[]:core.v1.WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution[]:core.v1.PodAffinityTerm',
  'core.v1.PodCertificateProjection':
    '~certificateChainPath ~credentialBundlePath ~keyPath !keyType=s !signerName=s userAnnotations{}',
  'core.v1.PodCondition':
    '!lastProbeTime:T !lastTransitionTime:T ~message ~observedGeneration ~reason !status=s !type=s',
  'core.v1.PodDNSConfig': 'nameservers[] options[]:core.v1.PodDNSConfigOption searches[]',
  'core.v1.PodDNSConfigOption': '~name',
  'core.v1.PodExtendedResourceClaimStatus':
    '!requestMappings[]:core.v1.ContainerExtendedResourceRequest !resourceClaimName=s',
  'core.v1.PodIP': '!ip=s',
  'core.v1.PodOS': '!name=s',
  'core.v1.PodReadinessGate': '!conditionType=s',
  'core.v1.PodResourceClaim': '!name=s',
  'core.v1.PodResourceClaimStatus': '!name=s',
  'core.v1.PodSchedulingGate': '!name=s',
  'core.v1.PodSecurityContext':
    'appArmorProfile:core.v1.AppArmorProfile seLinuxOptions:core.v1.SELinuxOptions seccompProfile:core.v1.SeccompProfile supplementalGroups[] sysctls[]:core.v1.Sysctl',
  'core.v1.PodSpec':
    'affinity:core.v1.Affinity !containers[]:core.v1.Container dnsConfig:core.v1.PodDNSConfig ~dnsPolicy ephemeralContainers[]:core.v1.EphemeralContainer hostAliases[]:core.v1.HostAlias ~hostIPC ~hostNetwork ~hostPID ~hostname imagePullSecrets[]:core.v1.LocalObjectReference initContainers[]:core.v1.Container ~nodeName nodeSelector{} os:core.v1.PodOS overhead{}:Q ~priorityClassName readinessGates[]:core.v1.PodReadinessGate resourceClaims[]:core.v1.PodResourceClaim resources:core.v1.ResourceRequirements ~restartPolicy ~schedulerName schedulingGates[]:core.v1.PodSchedulingGate securityContext:core.v1.PodSecurityContext ~serviceAccount ~serviceAccountName ~subdomain tolerations[]:core.v1.Toleration topologySpreadConstraints[]:core.v1.TopologySpreadConstraint volumes[]:core.v1.Volume',
  'core.v1.PodStatus':
    'allocatedResources{}:Q conditions[]:core.v1.PodCondition containerStatuses[]:core.v1.ContainerStatus ephemeralContainerStatuses[]:core.v1.ContainerStatus extendedResourceClaimStatus:core.v1.PodExtendedResourceClaimStatus ~hostIP hostIPs[]:core.v1.HostIP initContainerStatuses[]:core.v1.ContainerStatus ~message nodeAllocatableResourceClaimStatuses[]:core.v1.NodeAllocatableResourceClaimStatus ~nominatedNodeName ~observedGeneration ~phase ~podIP podIPs[]:core.v1.PodIP ~qosClass ~reason ~resize resourceClaimStatuses[]:core.v1.PodResourceClaimStatus resources:core.v1.ResourceRequirements',
  'core.v1.PodTemplate': '!metadata:ObjectMeta !template:core.v1.PodTemplateSpec',
  'core.v1.PodTemplateSpec': '!metadata:ObjectMeta !spec:core.v1.PodSpec',
  'core.v1.PortStatus': '!port=i !protocol=s',
  'core.v1.PortworxVolumeSource': '~fsType ~readOnly !volumeID=s',
  'core.v1.PreferredSchedulingTerm': '!preference:core.v1.NodeSelectorTerm !weight=i',
  'core.v1.Probe':
    'exec:core.v1.ExecAction ~failureThreshold grpc:core.v1.GRPCAction httpGet:core.v1.HTTPGetAction ~initialDelaySeconds ~periodSeconds ~successThreshold tcpSocket:core.v1.TCPSocketAction ~timeoutSeconds',
  'core.v1.ProjectedVolumeSource': 'sources[]:core.v1.VolumeProjection',
  'core.v1.QuobyteVolumeSource': '~group ~readOnly !registry=s ~tenant ~user !volume=s',
  'core.v1.RBDPersistentVolumeSource':
    '~fsType !image=s ~keyring !monitors[] ~pool ~readOnly secretRef:core.v1.SecretReference ~user',
  'core.v1.RBDVolumeSource':
    '~fsType !image=s ~keyring !monitors[] ~pool ~readOnly secretRef:core.v1.LocalObjectReference ~user',
  'core.v1.ReplicationController':
    '!metadata:ObjectMeta !spec:core.v1.ReplicationControllerSpec !status:core.v1.ReplicationControllerStatus',
  'core.v1.ReplicationControllerCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'core.v1.ReplicationControllerSpec': '~minReadySeconds selector{} template:core.v1.PodTemplateSpec',
  'core.v1.ReplicationControllerStatus':
    '~availableReplicas conditions[]:core.v1.ReplicationControllerCondition ~fullyLabeledReplicas ~observedGeneration ~readyReplicas !replicas=i',
  'core.v1.ResourceClaim': '!name=s ~request',
  'core.v1.ResourceFieldSelector': '~containerName !divisor:Q !resource=s',
  'core.v1.ResourceHealth': '~health ~message !resourceID=s',
  'core.v1.ResourceQuota': '!metadata:ObjectMeta !spec:core.v1.ResourceQuotaSpec !status:core.v1.ResourceQuotaStatus',
  'core.v1.ResourceQuotaSpec': 'hard{}:Q scopeSelector:core.v1.ScopeSelector scopes[]',
  'core.v1.ResourceQuotaStatus': 'hard{}:Q used{}:Q',
  'core.v1.ResourceRequirements': 'claims[]:core.v1.ResourceClaim limits{}:Q requests{}:Q',
  'core.v1.ResourceStatus': '!name=s resources[]:core.v1.ResourceHealth',
  'core.v1.SELinuxOptions': '~level ~role ~type ~user',
  'core.v1.ScaleIOPersistentVolumeSource':
    '~fsType !gateway=s ~protectionDomain ~readOnly secretRef:core.v1.SecretReference ~sslEnabled ~storageMode ~storagePool !system=s ~volumeName',
  'core.v1.ScaleIOVolumeSource':
    '~fsType !gateway=s ~protectionDomain ~readOnly secretRef:core.v1.LocalObjectReference ~sslEnabled ~storageMode ~storagePool !system=s ~volumeName',
  'core.v1.ScopeSelector': 'matchExpressions[]:core.v1.ScopedResourceSelectorRequirement',
  'core.v1.ScopedResourceSelectorRequirement': '!operator=s !scopeName=s values[]',
  'core.v1.SeccompProfile': '!type=s',
  'core.v1.Secret': 'data{} !metadata:ObjectMeta stringData{} ~type',
  'core.v1.SecretEnvSource': '~name',
  'core.v1.SecretKeySelector': '!key=s ~name',
  'core.v1.SecretProjection': 'items[]:core.v1.KeyToPath ~name',
  'core.v1.SecretReference': '~name ~namespace',
  'core.v1.SecretVolumeSource': 'items[]:core.v1.KeyToPath ~secretName',
  'core.v1.SecurityContext':
    'appArmorProfile:core.v1.AppArmorProfile capabilities:core.v1.Capabilities seLinuxOptions:core.v1.SELinuxOptions seccompProfile:core.v1.SeccompProfile',
  'core.v1.Service': '!metadata:ObjectMeta !spec:core.v1.ServiceSpec !status:core.v1.ServiceStatus',
  'core.v1.ServiceAccount':
    'imagePullSecrets[]:core.v1.LocalObjectReference !metadata:ObjectMeta secrets[]:core.v1.ObjectReference',
  'core.v1.ServiceAccountTokenProjection': '~audience !path=s',
  'core.v1.ServicePort': '~name ~nodePort !port=i ~protocol',
  'core.v1.ServiceSpec':
    '~clusterIP clusterIPs[] externalIPs[] ~externalName ~externalTrafficPolicy ~healthCheckNodePort ipFamilies[] ~loadBalancerIP loadBalancerSourceRanges[] ports[]:core.v1.ServicePort ~publishNotReadyAddresses selector{} ~sessionAffinity ~type',
  'core.v1.ServiceStatus': 'conditions[]:meta.v1.Condition !loadBalancer:core.v1.LoadBalancerStatus',
  'core.v1.SleepAction': '!seconds=i',
  'core.v1.StorageOSPersistentVolumeSource':
    '~fsType ~readOnly secretRef:core.v1.ObjectReference ~volumeName ~volumeNamespace',
  'core.v1.StorageOSVolumeSource':
    '~fsType ~readOnly secretRef:core.v1.LocalObjectReference ~volumeName ~volumeNamespace',
  'core.v1.Sysctl': '!name=s !value=s',
  'core.v1.TCPSocketAction': '~host',
  'core.v1.Taint': '!effect=s !key=s ~value',
  'core.v1.Toleration': '~effect ~key ~operator ~value',
  'core.v1.TopologySelectorLabelRequirement': '!key=s !values[]',
  'core.v1.TopologySelectorTerm': 'matchLabelExpressions[]:core.v1.TopologySelectorLabelRequirement',
  'core.v1.TopologySpreadConstraint':
    'labelSelector:meta.v1.LabelSelector matchLabelKeys[] !maxSkew=i !topologyKey=s !whenUnsatisfiable=s',
  'core.v1.TypedLocalObjectReference': '!apiGroup:T !kind=s !name=s',
  'core.v1.TypedObjectReference': '!apiGroup:T !kind=s !name=s',
  'core.v1.Volume':
    'awsElasticBlockStore:core.v1.AWSElasticBlockStoreVolumeSource azureDisk:core.v1.AzureDiskVolumeSource azureFile:core.v1.AzureFileVolumeSource cephfs:core.v1.CephFSVolumeSource cinder:core.v1.CinderVolumeSource configMap:core.v1.ConfigMapVolumeSource csi:core.v1.CSIVolumeSource downwardAPI:core.v1.DownwardAPIVolumeSource emptyDir:core.v1.EmptyDirVolumeSource ephemeral:core.v1.EphemeralVolumeSource fc:core.v1.FCVolumeSource flexVolume:core.v1.FlexVolumeSource flocker:core.v1.FlockerVolumeSource gcePersistentDisk:core.v1.GCEPersistentDiskVolumeSource gitRepo:core.v1.GitRepoVolumeSource glusterfs:core.v1.GlusterfsVolumeSource hostPath:core.v1.HostPathVolumeSource image:core.v1.ImageVolumeSource iscsi:core.v1.ISCSIVolumeSource !name=s nfs:core.v1.NFSVolumeSource persistentVolumeClaim:core.v1.PersistentVolumeClaimVolumeSource photonPersistentDisk:core.v1.PhotonPersistentDiskVolumeSource portworxVolume:core.v1.PortworxVolumeSource projected:core.v1.ProjectedVolumeSource quobyte:core.v1.QuobyteVolumeSource rbd:core.v1.RBDVolumeSource scaleIO:core.v1.ScaleIOVolumeSource secret:core.v1.SecretVolumeSource storageos:core.v1.StorageOSVolumeSource vsphereVolume:core.v1.VsphereVirtualDiskVolumeSource',
  'core.v1.VolumeDevice': '!devicePath=s !name=s',
  'core.v1.VolumeMount': '!mountPath=s !name=s ~readOnly ~subPath ~subPathExpr',
  'core.v1.VolumeMountStatus': '!mountPath=s !name=s ~readOnly volumeStatus:core.v1.VolumeStatus',
  'core.v1.VolumeNodeAffinity': 'required:core.v1.NodeSelector',
  'core.v1.VolumeProjection':
    'clusterTrustBundle:core.v1.ClusterTrustBundleProjection configMap:core.v1.ConfigMapProjection downwardAPI:core.v1.DownwardAPIProjection podCertificate:core.v1.PodCertificateProjection secret:core.v1.SecretProjection serviceAccountToken:core.v1.ServiceAccountTokenProjection',
  'core.v1.VolumeResourceRequirements': 'limits{}:Q requests{}:Q',
  'core.v1.VolumeStatus': 'image:core.v1.ImageVolumeStatus',
  'core.v1.VsphereVirtualDiskVolumeSource': '~fsType ~storagePolicyID ~storagePolicyName !volumePath=s',
  'core.v1.WeightedPodAffinityTerm': '!podAffinityTerm:core.v1.PodAffinityTerm !weight=i',
  'discovery.v1.Endpoint':
    '!addresses[] !conditions:Empty deprecatedTopology{} hints:discovery.v1.EndpointHints targetRef:core.v1.ObjectReference',
  'discovery.v1.EndpointHints': 'forNodes[]:discovery.v1.ForNode forZones[]:discovery.v1.ForZone',
  'discovery.v1.EndpointSlice': '!addressType=s !endpoints[]:discovery.v1.Endpoint !metadata:ObjectMeta !ports[]',
  'discovery.v1.ForNode': '!name=s',
  'discovery.v1.ForZone': '!name=s',
  'events.v1.Event':
    '~action ~deprecatedCount !deprecatedFirstTimestamp:T !deprecatedLastTimestamp:T !deprecatedSource:core.v1.EventSource !eventTime:M !metadata:ObjectMeta ~note ~reason !regarding:core.v1.ObjectReference related:core.v1.ObjectReference ~reportingController ~reportingInstance series:events.v1.EventSeries ~type',
  'events.v1.EventSeries': '!count=i !lastObservedTime:M',
  'flowcontrol.v1.FlowDistinguisherMethod': '!type=s',
  'flowcontrol.v1.FlowSchema':
    '!metadata:ObjectMeta !spec:flowcontrol.v1.FlowSchemaSpec !status:flowcontrol.v1.FlowSchemaStatus',
  'flowcontrol.v1.FlowSchemaCondition': '!lastTransitionTime:T ~message ~reason ~status ~type',
  'flowcontrol.v1.FlowSchemaSpec':
    'distinguisherMethod:flowcontrol.v1.FlowDistinguisherMethod !matchingPrecedence=i !priorityLevelConfiguration:flowcontrol.v1.PriorityLevelConfigurationReference rules[]:flowcontrol.v1.PolicyRulesWithSubjects',
  'flowcontrol.v1.FlowSchemaStatus': 'conditions[]:flowcontrol.v1.FlowSchemaCondition',
  'flowcontrol.v1.GroupSubject': '!name=s',
  'flowcontrol.v1.LimitResponse': 'queuing:flowcontrol.v1.QueuingConfiguration !type=s',
  'flowcontrol.v1.LimitedPriorityLevelConfiguration': '!limitResponse:flowcontrol.v1.LimitResponse',
  'flowcontrol.v1.NonResourcePolicyRule': '!nonResourceURLs[] !verbs[]',
  'flowcontrol.v1.PolicyRulesWithSubjects':
    'nonResourceRules[]:flowcontrol.v1.NonResourcePolicyRule resourceRules[]:flowcontrol.v1.ResourcePolicyRule !subjects[]:flowcontrol.v1.Subject',
  'flowcontrol.v1.PriorityLevelConfiguration':
    '!metadata:ObjectMeta !spec:flowcontrol.v1.PriorityLevelConfigurationSpec !status:flowcontrol.v1.PriorityLevelConfigurationStatus',
  'flowcontrol.v1.PriorityLevelConfigurationCondition': '!lastTransitionTime:T ~message ~reason ~status ~type',
  'flowcontrol.v1.PriorityLevelConfigurationReference': '!name=s',
  'flowcontrol.v1.PriorityLevelConfigurationSpec': 'limited:flowcontrol.v1.LimitedPriorityLevelConfiguration !type=s',
  'flowcontrol.v1.PriorityLevelConfigurationStatus': 'conditions[]:flowcontrol.v1.PriorityLevelConfigurationCondition',
  'flowcontrol.v1.QueuingConfiguration': '!handSize=i !queueLengthLimit=i !queues=i',
  'flowcontrol.v1.ResourcePolicyRule': '!apiGroups[] ~clusterScope namespaces[] !resources[] !verbs[]',
  'flowcontrol.v1.ServiceAccountSubject': '!name=s !namespace=s',
  'flowcontrol.v1.Subject':
    'group:flowcontrol.v1.GroupSubject !kind=s serviceAccount:flowcontrol.v1.ServiceAccountSubject user:flowcontrol.v1.UserSubject',
  'flowcontrol.v1.UserSubject': '!name=s',
  'networking.v1.HTTPIngressPath': '!backend:networking.v1.IngressBackend ~path',
  'networking.v1.HTTPIngressRuleValue': '!paths[]:networking.v1.HTTPIngressPath',
  'networking.v1.IPAddress': '!metadata:ObjectMeta !spec:networking.v1.IPAddressSpec',
  'networking.v1.IPAddressSpec': 'parentRef:networking.v1.ParentReference',
  'networking.v1.IPBlock': '!cidr=s except[]',
  'networking.v1.Ingress': '!metadata:ObjectMeta !spec:networking.v1.IngressSpec !status:networking.v1.IngressStatus',
  'networking.v1.IngressBackend':
    'resource:core.v1.TypedLocalObjectReference service:networking.v1.IngressServiceBackend',
  'networking.v1.IngressClass': '!metadata:ObjectMeta !spec:networking.v1.IngressClassSpec',
  'networking.v1.IngressClassParametersReference': '!kind=s !name=s',
  'networking.v1.IngressClassSpec': '~controller parameters:networking.v1.IngressClassParametersReference',
  'networking.v1.IngressLoadBalancerIngress': '~hostname ~ip ports[]:networking.v1.IngressPortStatus',
  'networking.v1.IngressLoadBalancerStatus': 'ingress[]:networking.v1.IngressLoadBalancerIngress',
  'networking.v1.IngressPortStatus': '!port=i !protocol=s',
  'networking.v1.IngressRule': '~host http:networking.v1.HTTPIngressRuleValue',
  'networking.v1.IngressServiceBackend': '!name=s !port:networking.v1.ServiceBackendPort',
  'networking.v1.IngressSpec':
    'defaultBackend:networking.v1.IngressBackend rules[]:networking.v1.IngressRule tls[]:networking.v1.IngressTLS',
  'networking.v1.IngressStatus': '!loadBalancer:networking.v1.IngressLoadBalancerStatus',
  'networking.v1.IngressTLS': 'hosts[] ~secretName',
  'networking.v1.NetworkPolicy': '!metadata:ObjectMeta !spec:networking.v1.NetworkPolicySpec',
  'networking.v1.NetworkPolicyEgressRule': 'ports[] to[]:networking.v1.NetworkPolicyPeer',
  'networking.v1.NetworkPolicyIngressRule': 'from[]:networking.v1.NetworkPolicyPeer ports[]',
  'networking.v1.NetworkPolicyPeer':
    'ipBlock:networking.v1.IPBlock namespaceSelector:meta.v1.LabelSelector podSelector:meta.v1.LabelSelector',
  'networking.v1.NetworkPolicySpec':
    'egress[]:networking.v1.NetworkPolicyEgressRule ingress[]:networking.v1.NetworkPolicyIngressRule !podSelector:meta.v1.LabelSelector policyTypes[]',
  'networking.v1.ParentReference': '~group !name=s ~namespace !resource=s',
  'networking.v1.ServiceBackendPort': '~name ~number',
  'networking.v1.ServiceCIDR':
    '!metadata:ObjectMeta !spec:networking.v1.ServiceCIDRSpec !status:networking.v1.ServiceCIDRStatus',
  'networking.v1.ServiceCIDRSpec': 'cidrs[]',
  'networking.v1.ServiceCIDRStatus': 'conditions[]:meta.v1.Condition',
  'node.v1.Overhead': 'podFixed{}:Q',
  'node.v1.RuntimeClass': '!handler=s !metadata:ObjectMeta overhead:node.v1.Overhead scheduling:node.v1.Scheduling',
  'node.v1.Scheduling': 'nodeSelector{} tolerations[]:core.v1.Toleration',
  'policy.v1.PodDisruptionBudget':
    '!metadata:ObjectMeta !spec:policy.v1.PodDisruptionBudgetSpec !status:policy.v1.PodDisruptionBudgetStatus',
  'policy.v1.PodDisruptionBudgetSpec': 'selector:meta.v1.LabelSelector',
  'policy.v1.PodDisruptionBudgetStatus':
    'conditions[]:meta.v1.Condition !currentHealthy=i !desiredHealthy=i disruptedPods{} !disruptionsAllowed=i !expectedPods=i ~observedGeneration',
  'rbac.v1.AggregationRule': 'clusterRoleSelectors[]:meta.v1.LabelSelector',
  'rbac.v1.ClusterRole': 'aggregationRule:rbac.v1.AggregationRule !metadata:ObjectMeta !rules[]:rbac.v1.PolicyRule',
  'rbac.v1.ClusterRoleBinding': '!metadata:ObjectMeta !roleRef:rbac.v1.RoleRef subjects[]:rbac.v1.Subject',
  'rbac.v1.PolicyRule': 'apiGroups[] nonResourceURLs[] resourceNames[] resources[] !verbs[]',
  'rbac.v1.Role': '!metadata:ObjectMeta !rules[]:rbac.v1.PolicyRule',
  'rbac.v1.RoleBinding': '!metadata:ObjectMeta !roleRef:rbac.v1.RoleRef subjects[]:rbac.v1.Subject',
  'rbac.v1.RoleRef': '!apiGroup=s !kind=s !name=s',
  'rbac.v1.Subject': '~apiGroup !kind=s !name=s ~namespace',
  'resource.v1.AllocatedDeviceStatus':
    'conditions[]:meta.v1.Condition !device=s !driver=s networkData:resource.v1.NetworkDeviceData !pool=s',
  'resource.v1.AllocationResult': '!devices:resource.v1.DeviceAllocationResult nodeSelector:core.v1.NodeSelector',
  'resource.v1.CELDeviceSelector': '!expression=s',
  'resource.v1.CapacityRequestPolicy': 'default:Q validRange:resource.v1.CapacityRequestPolicyRange validValues[]:Q',
  'resource.v1.CapacityRequestPolicyRange': 'max:Q min:Q step:Q',
  'resource.v1.CapacityRequirements': 'requests{}:Q',
  'resource.v1.Counter': 'value:Q',
  'resource.v1.CounterSet': '!counters{}:resource.v1.Counter !name=s',
  'resource.v1.Device':
    'attributes{}:resource.v1.DeviceAttribute bindingConditions[] bindingFailureConditions[] capacity{}:resource.v1.DeviceCapacity consumesCounters[]:resource.v1.DeviceCounterConsumption !name=s nodeAllocatableResourceMappings{}:resource.v1.NodeAllocatableResourceMapping nodeSelector:core.v1.NodeSelector taints[]:resource.v1.DeviceTaint',
  'resource.v1.DeviceAllocationConfiguration': 'opaque:resource.v1.OpaqueDeviceConfiguration requests[] !source=s',
  'resource.v1.DeviceAllocationResult':
    'config[]:resource.v1.DeviceAllocationConfiguration results[]:resource.v1.DeviceRequestAllocationResult',
  'resource.v1.DeviceAttribute': 'bools[] ints[] strings[] versions[]',
  'resource.v1.DeviceCapacity': 'requestPolicy:resource.v1.CapacityRequestPolicy value:Q',
  'resource.v1.DeviceClaim':
    'config[]:resource.v1.DeviceClaimConfiguration constraints[]:resource.v1.DeviceConstraint requests[]:resource.v1.DeviceRequest',
  'resource.v1.DeviceClaimConfiguration': 'opaque:resource.v1.OpaqueDeviceConfiguration requests[]',
  'resource.v1.DeviceClass': '!metadata:ObjectMeta !spec:resource.v1.DeviceClassSpec',
  'resource.v1.DeviceClassConfiguration': 'opaque:resource.v1.OpaqueDeviceConfiguration',
  'resource.v1.DeviceClassSpec': 'config[]:resource.v1.DeviceClassConfiguration selectors[]:resource.v1.DeviceSelector',
  'resource.v1.DeviceConstraint': 'requests[]',
  'resource.v1.DeviceCounterConsumption': '!counterSet=s !counters{}:resource.v1.Counter',
  'resource.v1.DeviceRequest':
    'exactly:resource.v1.ExactDeviceRequest firstAvailable[]:resource.v1.DeviceSubRequest !name=s',
  'resource.v1.DeviceRequestAllocationResult':
    'bindingConditions[] bindingFailureConditions[] consumedCapacity{}:Q !device=s !driver=s !pool=s !request=s tolerations[]:resource.v1.DeviceToleration',
  'resource.v1.DeviceSelector': 'cel:resource.v1.CELDeviceSelector',
  'resource.v1.DeviceSubRequest':
    '~allocationMode capacity:resource.v1.CapacityRequirements ~count !deviceClassName=s !name=s selectors[]:resource.v1.DeviceSelector tolerations[]:resource.v1.DeviceToleration',
  'resource.v1.DeviceTaint': '!effect=s !key=s ~value',
  'resource.v1.DeviceToleration': '~effect ~key ~operator ~value',
  'resource.v1.ExactDeviceRequest':
    '~allocationMode capacity:resource.v1.CapacityRequirements ~count !deviceClassName=s selectors[]:resource.v1.DeviceSelector tolerations[]:resource.v1.DeviceToleration',
  'resource.v1.NetworkDeviceData': '~hardwareAddress ~interfaceName ips[]',
  'resource.v1.NodeAllocatableResourceMapping': 'allocationMultiplier:Q ~capacityKey',
  'resource.v1.OpaqueDeviceConfiguration': '!driver=s',
  'resource.v1.ResourceClaim':
    '!metadata:ObjectMeta !spec:resource.v1.ResourceClaimSpec !status:resource.v1.ResourceClaimStatus',
  'resource.v1.ResourceClaimConsumerReference': '~apiGroup !name=s !resource=s !uid=s',
  'resource.v1.ResourceClaimSpec': '!devices:resource.v1.DeviceClaim',
  'resource.v1.ResourceClaimStatus':
    'allocation:resource.v1.AllocationResult devices[]:resource.v1.AllocatedDeviceStatus reservedFor[]:resource.v1.ResourceClaimConsumerReference',
  'resource.v1.ResourceClaimTemplate': '!metadata:ObjectMeta !spec:resource.v1.ResourceClaimTemplateSpec',
  'resource.v1.ResourceClaimTemplateSpec': '!metadata:ObjectMeta !spec:resource.v1.ResourceClaimSpec',
  'resource.v1.ResourcePool': '!generation=i !name=s !resourceSliceCount=i',
  'resource.v1.ResourceSlice': '!metadata:ObjectMeta !spec:resource.v1.ResourceSliceSpec',
  'resource.v1.ResourceSliceSpec':
    'devices[]:resource.v1.Device !driver=s nodeSelector:core.v1.NodeSelector !pool:resource.v1.ResourcePool sharedCounters[]:resource.v1.CounterSet',
  'scheduling.v1.PriorityClass': '~description ~globalDefault !metadata:ObjectMeta !value=i',
  'storage.v1.CSIDriver': '!metadata:ObjectMeta !spec:storage.v1.CSIDriverSpec',
  'storage.v1.CSIDriverSpec': 'tokenRequests[]:storage.v1.TokenRequest volumeLifecycleModes[]',
  'storage.v1.CSINode': '!metadata:ObjectMeta !spec:storage.v1.CSINodeSpec',
  'storage.v1.CSINodeDriver': '!name=s !nodeID=s topologyKeys[]',
  'storage.v1.CSINodeSpec': '!drivers[]:storage.v1.CSINodeDriver',
  'storage.v1.CSIStorageCapacity':
    'capacity:Q maximumVolumeSize:Q !metadata:ObjectMeta nodeTopology:meta.v1.LabelSelector !storageClassName=s',
  'storage.v1.StorageClass':
    'allowedTopologies[]:core.v1.TopologySelectorTerm !metadata:ObjectMeta mountOptions[] parameters{} !provisioner=s',
  'storage.v1.TokenRequest': '!audience=s',
  'storage.v1.VolumeAttachment':
    '!metadata:ObjectMeta !spec:storage.v1.VolumeAttachmentSpec !status:storage.v1.VolumeAttachmentStatus',
  'storage.v1.VolumeAttachmentSource': 'inlineVolumeSpec:core.v1.PersistentVolumeSpec',
  'storage.v1.VolumeAttachmentSpec': '!attacher=s !nodeName=s !source:storage.v1.VolumeAttachmentSource',
  'storage.v1.VolumeAttachmentStatus':
    'attachError:storage.v1.VolumeError !attached=b attachmentMetadata{} detachError:storage.v1.VolumeError',
  'storage.v1.VolumeAttributesClass': '!driverName=s !metadata:ObjectMeta parameters{}',
  'storage.v1.VolumeError': '~message !time:T',
  'apiextensions.v1.CustomResourceColumnDefinition': '~description ~format !jsonPath=s !name=s ~priority !type=s',
  'apiextensions.v1.CustomResourceConversion': '!strategy=s webhook:apiextensions.v1.WebhookConversion',
  'apiextensions.v1.CustomResourceDefinition':
    '!metadata:ObjectMeta !spec:apiextensions.v1.CustomResourceDefinitionSpec !status:apiextensions.v1.CustomResourceDefinitionStatus',
  'apiextensions.v1.CustomResourceDefinitionCondition':
    '!lastTransitionTime:T ~message ~observedGeneration ~reason !status=s !type=s',
  'apiextensions.v1.CustomResourceDefinitionNames': 'categories[] !kind=s ~listKind !plural=s shortNames[] ~singular',
  'apiextensions.v1.CustomResourceDefinitionSpec':
    'conversion:apiextensions.v1.CustomResourceConversion !group=s !names:apiextensions.v1.CustomResourceDefinitionNames ~preserveUnknownFields !scope=s !versions[]:apiextensions.v1.CustomResourceDefinitionVersion',
  'apiextensions.v1.CustomResourceDefinitionStatus':
    '!acceptedNames:apiextensions.v1.CustomResourceDefinitionNames !conditions[]:apiextensions.v1.CustomResourceDefinitionCondition ~observedGeneration !storedVersions[]',
  'apiextensions.v1.CustomResourceDefinitionVersion':
    'additionalPrinterColumns[]:apiextensions.v1.CustomResourceColumnDefinition ~deprecated !name=s selectableFields[]:apiextensions.v1.SelectableField !served=b !storage=b subresources:apiextensions.v1.CustomResourceSubresources',
  'apiextensions.v1.CustomResourceSubresourceScale': '!specReplicasPath=s !statusReplicasPath=s',
  'apiextensions.v1.CustomResourceSubresources': 'scale:apiextensions.v1.CustomResourceSubresourceScale',
  'apiextensions.v1.ExternalDocumentation': '~description ~url',
  'apiextensions.v1.JSONSchemaProps':
    '~$ref ~$schema allOf[] anyOf[] definitions{} dependencies{} ~description enum[] externalDocs:apiextensions.v1.ExternalDocumentation ~format ~id oneOf[] ~pattern patternProperties{} properties{} required[] ~title ~type x-kubernetes-list-map-keys[] ~x-kubernetes-list-type ~x-kubernetes-map-type x-kubernetes-validations[]:apiextensions.v1.ValidationRule',
  'apiextensions.v1.SelectableField': '!jsonPath=s',
  'apiextensions.v1.ServiceReference': '!name=s !namespace=s',
  'apiextensions.v1.ValidationRule': '~fieldPath ~message ~messageExpression !rule=s',
  'apiextensions.v1.WebhookClientConfig': '~caBundle service:apiextensions.v1.ServiceReference',
  'apiextensions.v1.WebhookConversion': 'clientConfig:apiextensions.v1.WebhookClientConfig !conversionReviewVersions[]',
  'meta.v1.Condition': '!lastTransitionTime:T !message=s ~observedGeneration !reason=s !status=s !type=s',
  'meta.v1.FieldSelectorRequirement': '!key=s !operator=s values[]',
  'meta.v1.LabelSelector': 'matchExpressions[]:meta.v1.LabelSelectorRequirement matchLabels{}',
  'meta.v1.LabelSelectorRequirement': '!key=s !operator=s values[]',
  'apiregistration.v1.APIService':
    '!metadata:ObjectMeta !spec:apiregistration.v1.APIServiceSpec !status:apiregistration.v1.APIServiceStatus',
  'apiregistration.v1.APIServiceCondition': '!lastTransitionTime:T ~message ~reason !status=s !type=s',
  'apiregistration.v1.APIServiceSpec':
    '~caBundle ~group !groupPriorityMinimum=i ~insecureSkipTLSVerify service:apiregistration.v1.ServiceReference ~version !versionPriority=i',
  'apiregistration.v1.APIServiceStatus': 'conditions[]:apiregistration.v1.APIServiceCondition',
  'apiregistration.v1.ServiceReference': '~name ~namespace',
};

/** The type of each kind that has more than metadata to put right, by `group/version/kind`. */
export const KIND_FORMS: Readonly<Record<string, string>> = {
  '/v1/Binding': 'core.v1.Binding',
  '/v1/ComponentStatus': 'core.v1.ComponentStatus',
  '/v1/ConfigMap': 'core.v1.ConfigMap',
  '/v1/Endpoints': 'core.v1.Endpoints',
  '/v1/Event': 'core.v1.Event',
  '/v1/LimitRange': 'core.v1.LimitRange',
  '/v1/Namespace': 'core.v1.Namespace',
  '/v1/Node': 'core.v1.Node',
  '/v1/PersistentVolume': 'core.v1.PersistentVolume',
  '/v1/PersistentVolumeClaim': 'core.v1.PersistentVolumeClaim',
  '/v1/Pod': 'core.v1.Pod',
  '/v1/PodTemplate': 'core.v1.PodTemplate',
  '/v1/ReplicationController': 'core.v1.ReplicationController',
  '/v1/ResourceQuota': 'core.v1.ResourceQuota',
  '/v1/Secret': 'core.v1.Secret',
  '/v1/Service': 'core.v1.Service',
  '/v1/ServiceAccount': 'core.v1.ServiceAccount',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy': 'admissionregistration.v1.MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding':
    'admissionregistration.v1.MutatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration':
    'admissionregistration.v1.MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': 'admissionregistration.v1.ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding':
    'admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration':
    'admissionregistration.v1.ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.v1.CustomResourceDefinition',
  'apiregistration.k8s.io/v1/APIService': 'apiregistration.v1.APIService',
  'apps/v1/ControllerRevision': 'apps.v1.ControllerRevision',
  'apps/v1/DaemonSet': 'apps.v1.DaemonSet',
  'apps/v1/Deployment': 'apps.v1.Deployment',
  'apps/v1/ReplicaSet': 'apps.v1.ReplicaSet',
  'apps/v1/StatefulSet': 'apps.v1.StatefulSet',
  'authentication.k8s.io/v1/SelfSubjectReview': 'authentication.v1.SelfSubjectReview',
  'authentication.k8s.io/v1/TokenReview': 'authentication.v1.TokenReview',
  'authorization.k8s.io/v1/LocalSubjectAccessReview': 'authorization.v1.LocalSubjectAccessReview',
  'authorization.k8s.io/v1/SelfSubjectAccessReview': 'authorization.v1.SelfSubjectAccessReview',
  'authorization.k8s.io/v1/SelfSubjectRulesReview': 'authorization.v1.SelfSubjectRulesReview',
  'authorization.k8s.io/v1/SubjectAccessReview': 'authorization.v1.SubjectAccessReview',
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling.v1.HorizontalPodAutoscaler',
  'autoscaling/v2/HorizontalPodAutoscaler': 'autoscaling.v2.HorizontalPodAutoscaler',
  'batch/v1/CronJob': 'batch.v1.CronJob',
  'batch/v1/Job': 'batch.v1.Job',
  'certificates.k8s.io/v1/CertificateSigningRequest': 'certificates.v1.CertificateSigningRequest',
  'coordination.k8s.io/v1/Lease': 'coordination.v1.Lease',
  'discovery.k8s.io/v1/EndpointSlice': 'discovery.v1.EndpointSlice',
  'events.k8s.io/v1/Event': 'events.v1.Event',
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': 'flowcontrol.v1.FlowSchema',
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': 'flowcontrol.v1.PriorityLevelConfiguration',
  'networking.k8s.io/v1/IPAddress': 'networking.v1.IPAddress',
  'networking.k8s.io/v1/Ingress': 'networking.v1.Ingress',
  'networking.k8s.io/v1/IngressClass': 'networking.v1.IngressClass',
  'networking.k8s.io/v1/NetworkPolicy': 'networking.v1.NetworkPolicy',
  'networking.k8s.io/v1/ServiceCIDR': 'networking.v1.ServiceCIDR',
  'node.k8s.io/v1/RuntimeClass': 'node.v1.RuntimeClass',
  'policy/v1/PodDisruptionBudget': 'policy.v1.PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/ClusterRole': 'rbac.v1.ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': 'rbac.v1.ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1/Role': 'rbac.v1.Role',
  'rbac.authorization.k8s.io/v1/RoleBinding': 'rbac.v1.RoleBinding',
  'resource.k8s.io/v1/DeviceClass': 'resource.v1.DeviceClass',
  'resource.k8s.io/v1/ResourceClaim': 'resource.v1.ResourceClaim',
  'resource.k8s.io/v1/ResourceClaimTemplate': 'resource.v1.ResourceClaimTemplate',
  'resource.k8s.io/v1/ResourceSlice': 'resource.v1.ResourceSlice',
  'scheduling.k8s.io/v1/PriorityClass': 'scheduling.v1.PriorityClass',
  'storage.k8s.io/v1/CSIDriver': 'storage.v1.CSIDriver',
  'storage.k8s.io/v1/CSINode': 'storage.v1.CSINode',
  'storage.k8s.io/v1/CSIStorageCapacity': 'storage.v1.CSIStorageCapacity',
  'storage.k8s.io/v1/StorageClass': 'storage.v1.StorageClass',
  'storage.k8s.io/v1/VolumeAttachment': 'storage.v1.VolumeAttachment',
  'storage.k8s.io/v1/VolumeAttributesClass': 'storage.v1.VolumeAttributesClass',
};
