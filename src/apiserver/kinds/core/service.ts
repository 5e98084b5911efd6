/** Services: upstream `pkg/apis/core/v1/defaults.go` and `pkg/registry/core/service/strategy.go`. */
import { dns1123LabelErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { ServiceDraft } from '../models.ts';
import { statusRules, writesStatus } from '../status-rules.ts';
import { isEmpty } from '../validation/checks.ts';
import { dropWhatTypeLeaves, keepAllocated, linkAddresses, serviceWarnings } from './service-rules.ts';
import { serviceTable } from './service-table.ts';
import { serviceUpdateErrors } from './service-update-validation.ts';
import { serviceErrors } from './service-validation.ts';

/** Three hours. */
const AFFINITY_SECONDS = 10_800;

const rules = statusRules({ initialStatus: () => ({ loadBalancer: {} }) });

export const service = defineKind<ServiceDraft>({
  nameErrors: dns1123LabelErrors,
  ...rules,
  prepareForUpdate(object, old, context) {
    rules.prepareForUpdate(object, old, context);
    if (writesStatus(context)) return;
    const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
    keepAllocated(spec, before);
    linkAddresses(spec, before);
    dropWhatTypeLeaves(spec, before);
    if (spec.type !== 'LoadBalancer') object.status = { ...object.status, loadBalancer: {} };
  },
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    linkAddresses(object.spec ?? {}, undefined);
  },
  validate: serviceErrors,
  validateUpdate: serviceUpdateErrors,
  warnings: serviceWarnings,
  createOnUpdate: true,
  setDefaults(object) {
    object.spec ??= {};
    setSpecDefaults(object.spec);
    // The address of a balancer is where packets arrive, unless the balancer says otherwise.
    for (const each of object.status?.loadBalancer?.ingress ?? []) if (!isEmpty(each.ip)) each.ipMode ??= 'VIP';
  },
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
  table: serviceTable,
});

function setSpecDefaults(spec: NonNullable<ServiceDraft['spec']>): void {
  spec.sessionAffinity ??= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds } };
  }
  spec.type ??= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.port !== undefined && (port.targetPort === undefined || isZero(port.targetPort)))
      port.targetPort = port.port;
  }
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const reachable = external || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  if (reachable) spec.externalTrafficPolicy ??= 'Cluster';
  if (external || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

function isZero(port: number | string): boolean {
  return port === 0 || port === '';
}
