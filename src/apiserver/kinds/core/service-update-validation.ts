/** Validation of what changes in a Service: upstream `pkg/apis/core/validation/validation.go`, ValidateServiceUpdate. */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import type { ServiceDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { hostNameErrors, ipAddressErrors } from '../validation/addresses.ts';
import { each, isEmpty, oneOf } from '../validation/checks.ts';
import { serviceErrors } from './service-validation.ts';

type Spec = NonNullable<ServiceDraft['spec']>;

export function serviceUpdateErrors(
  service: ServiceDraft,
  old: ServiceDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusErrors(service);
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  return [
    ...changedAddressErrors(spec, before),
    ...changedFamilyErrors(spec, before),
    ...changedClassErrors(spec, before),
    ...changedCheckErrors(spec, before),
    ...serviceErrors(service),
  ];
}

/** The addresses stay for the life of a service, unless it comes from a name or becomes one. */
function changedAddressErrors(spec: Spec, before: Spec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const [now, then] = [spec.clusterIPs ?? [], before.clusterIPs ?? []];
  if (now[0] === 'None' && then[0] === 'None') return [];
  const path = 'spec.clusterIPs';
  if (now.length === then.length) {
    return each(then, path, (address, path, index) =>
      address === now[index] ? [] : [invalid(path, now, 'may not change once set')],
    );
  }
  if (now.length === 0) return [invalid(`${path}[0]`, spec.clusterIPs, 'primary clusterIP can not be unset')];
  const errors = then.length > 0 && now[0] !== then[0] ? [invalid(`${path}[0]`, now, 'may not change once set')] : [];
  if (then.length < now.length || spec.ipFamilyPolicy === 'SingleStack') return errors;
  const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
  return [...errors, invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail)];
}

function changedFamilyErrors(spec: Spec, before: Spec): FieldError[] {
  const named = [spec, before].some(({ type }) => type === 'ExternalName');
  const headless = [spec, before].some(({ clusterIP }) => clusterIP === 'None');
  const [now, then] = [spec.ipFamilies ?? [], before.ipFamilies ?? []];
  if (named || headless || now.length === 0 || then.length === 0 || now[0] === then[0]) return [];
  return [invalid('spec.ipFamilies[0]', now, 'may not change once set')];
}

function changedClassErrors(spec: Spec, before: Spec): FieldError[] {
  if (spec.type !== 'LoadBalancer' || before.type !== 'LoadBalancer') return [];
  if (spec.loadBalancerClass === before.loadBalancerClass) return [];
  return [invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')];
}

function changedCheckErrors(spec: Spec, before: Spec): FieldError[] {
  const checked = ({ type, externalTrafficPolicy }: Spec) =>
    type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  const [port, old] = [spec.healthCheckNodePort, before.healthCheckNodePort];
  if (!checked(spec) || !checked(before) || port === undefined || port === old) return [];
  return [forbiddenField('spec.healthCheckNodePort', 'field is immutable')];
}

function statusErrors({ spec, status }: ServiceDraft): FieldError[] {
  const ingress = status?.loadBalancer?.ingress;
  const path = 'status.loadBalancer.ingress';
  if ((ingress ?? []).length > 0 && spec?.type !== 'LoadBalancer') {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return each(ingress, path, ({ ip, ipMode, hostname }, path) => [
    ...(isEmpty(ip) ? [] : ipAddressErrors(`${path}.ip`, ip)),
    ...modeErrors(ip, ipMode, `${path}.ipMode`),
    ...(isEmpty(hostname) ? [] : hostNameErrors(hostname, `${path}.hostname`)),
  ]);
}

function modeErrors(ip: string | undefined, mode: string | undefined, path: string): FieldError[] {
  if (mode === undefined) return isEmpty(ip) ? [] : [required(path, 'must be specified when `ip` is set')];
  if (isEmpty(ip)) return [forbiddenField(path, 'may not be specified when `ip` is not set')];
  return oneOf(path, mode, ['Proxy', 'VIP'], 'unsupported');
}
