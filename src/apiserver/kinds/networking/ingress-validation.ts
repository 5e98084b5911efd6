/** Validation of Ingresses and their classes: upstream `pkg/apis/networking/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required, tooLong } from '../../../api/field-error.ts';
import {
  dns1123LabelErrors,
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  wildcardSubdomainErrors,
} from '../../../api/names.ts';
import type { IngressClassDraft, IngressDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { hostNameErrors, ipAddressErrors, isIpAddress } from '../validation/addresses.ts';
import {
  each,
  immutable,
  invalidFor,
  isEmpty,
  oneOf,
  portNameErrors,
  portNumber,
  requiredText,
} from '../validation/checks.ts';

type Spec = NonNullable<IngressDraft['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Path = NonNullable<NonNullable<Rule['http']>['paths']>[number];
type Backend = NonNullable<Spec['defaultBackend']>;

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const IN_PATHS = ['//', '/./', '/../', '%2f', '%2F'];
const AT_END = ['/..', '/.'];
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const MAX_CONTROLLER_CHARACTERS = 250;

function ingressErrors({ spec = {} }: IngressDraft): FieldError[] {
  const { defaultBackend, rules, tls, ingressClassName } = spec;
  return [
    ...((rules ?? []).length === 0 && defaultBackend === undefined ? [nothingServed()] : []),
    ...(defaultBackend === undefined ? [] : backendErrors(defaultBackend, 'spec.defaultBackend')),
    ...each(rules, 'spec.rules', ruleErrors),
    ...each(tls, 'spec.tls', ({ hosts, secretName }, path) => [
      ...each(hosts, `${path}.hosts`, (host, path) => invalidFor(path, host, hostDetails(host))),
      ...(isEmpty(secretName) ? [] : invalidFor(`${path}.secretName`, secretName, dns1123SubdomainErrors(secretName))),
    ]),
    ...(ingressClassName === undefined
      ? []
      : invalidFor('spec.ingressClassName', ingressClassName, dns1123SubdomainErrors(ingressClassName))),
  ];
}

export function newIngressErrors(ingress: IngressDraft): FieldError[] {
  const annotation = ingress.metadata?.annotations?.[CLASS_ANNOTATION];
  const { ingressClassName } = ingress.spec ?? {};
  const contradiction = annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName;
  const detail = 'must match `ingressClassName` when both are specified';
  return [
    ...ingressErrors(ingress),
    ...(contradiction ? [invalid(`annotations.${CLASS_ANNOTATION}`, annotation, detail)] : []),
  ];
}

/** Of new ingresses only. */
export function ingressWarnings({ metadata, spec }: IngressDraft, old?: IngressDraft): string[] {
  const annotated = metadata?.annotations?.[CLASS_ANNOTATION] !== undefined;
  if (old !== undefined || !annotated || spec?.ingressClassName !== undefined) return [];
  return [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
}

function nothingServed(): FieldError {
  return invalid('spec', undefined, 'either `defaultBackend` or `rules` must be specified');
}

function hostDetails(host: string): string[] {
  return host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host);
}

function ruleErrors({ host, http }: Rule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!isEmpty(host)) {
    if (isIpAddress(host)) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
    errors.push(...invalidFor(`${path}.host`, host, hostDetails(host)));
  }
  if (http === undefined) return errors;
  const paths = `${path}.http.paths`;
  if ((http.paths ?? []).length === 0) return [...errors, required(paths)];
  return [...errors, ...each(http.paths, paths, pathErrors)];
}

function pathErrors(rule: Path, path: string): FieldError[] {
  return [...pathTypeErrors(rule, path), ...backendErrors(rule.backend ?? {}, `${path}.backend`)];
}

function pathTypeErrors({ path: target = '', pathType }: Path, path: string): FieldError[] {
  if (pathType === undefined) return [required(`${path}.pathType`, 'pathType must be specified')];
  const field = `${path}.path`;
  if (!PATH_TYPES.includes(pathType)) return oneOf(`${path}.pathType`, pathType, PATH_TYPES, 'unsupported');
  if (pathType === 'ImplementationSpecific') {
    return target === '' || target.startsWith('/') ? [] : [invalid(field, target, 'must be an absolute path')];
  }
  return [
    ...(target.startsWith('/') ? [] : [invalid(field, target, 'must be an absolute path')]),
    ...IN_PATHS.filter((part) => target.includes(part)).map((part) =>
      invalid(field, target, `must not contain '${part}'`),
    ),
    ...AT_END.filter((part) => target.endsWith(part)).map((part) =>
      invalid(field, target, `cannot end with '${part}'`),
    ),
  ];
}

function backendErrors({ resource, service }: Backend, path: string): FieldError[] {
  if (resource !== undefined && service !== undefined) {
    return [invalid(path, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) {
    return referenceErrors(resource, `${path}.resource`);
  }
  if (service === undefined) return [invalid(path, '', 'resource or service backend is required')];
  const { name, port } = service;
  const nameErrors = requiredText(`${path}.service.name`, name, dns1035LabelErrors);
  const [portName, number] = [port?.name ?? '', port?.number ?? 0];
  if (portName !== '' && number !== 0) {
    return [...nameErrors, invalid(path, '', 'cannot set both port name & port number')];
  }
  if (portName !== '')
    return [...nameErrors, ...invalidFor(`${path}.service.port.name`, portName, portNameErrors(portName))];
  if (number === 0) return [...nameErrors, required(path, 'port name or number is required')];
  return [...nameErrors, ...portNumber(`${path}.service.port.number`, number)];
}

export function ingressUpdateErrors(
  ingress: IngressDraft,
  _old: IngressDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  return subresource === 'status' ? pointErrors(ingress) : ingressErrors(ingress);
}

function pointErrors({ status }: IngressDraft): FieldError[] {
  return each(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }, path) => [
    ...(isEmpty(ip) ? [] : ipAddressErrors(`${path}.ip`, ip)),
    ...(isEmpty(hostname) ? [] : hostNameErrors(hostname, `${path}.hostname`)),
  ]);
}

export function ingressClassErrors({ spec = {} }: IngressClassDraft): FieldError[] {
  const { controller, parameters } = spec;
  return [...controllerErrors(controller ?? '', 'spec.controller'), ...parametersErrors(parameters, 'spec.parameters')];
}

function controllerErrors(controller: string, path: string): FieldError[] {
  if (controller === '') return [required(path)];
  const long = controller.length > MAX_CONTROLLER_CHARACTERS ? [tooLong(path, MAX_CONTROLLER_CHARACTERS)] : [];
  const slash = controller.indexOf('/');
  const [domain, rest] = [controller.slice(0, slash), controller.slice(slash + 1)];
  if (slash < 0 || domain === '' || rest === '') {
    return [...long, invalid(path, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  return [
    ...long,
    ...invalidFor(path, domain, dns1123SubdomainErrors(domain)),
    ...(PATH.test(rest) ? [] : [invalid(path, rest, `Invalid path (regex used for validation is '${PATH_FORM}')`)]),
  ];
}

const PATH_FORM = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`;
const PATH = new RegExp(`^${PATH_FORM}$`);

type Reference = Readonly<{ apiGroup?: string; kind?: string; name?: string }>;

function referenceErrors({ apiGroup, kind, name }: Reference, path: string): FieldError[] {
  return [
    ...(apiGroup === undefined ? [] : invalidFor(`${path}.apiGroup`, apiGroup, dns1123SubdomainErrors(apiGroup))),
    ...(isEmpty(kind)
      ? [required(`${path}.kind`, 'kind is required')]
      : invalidFor(`${path}.kind`, kind, pathSegmentErrors(kind))),
    ...(isEmpty(name)
      ? [required(`${path}.name`, 'name is required')]
      : invalidFor(`${path}.name`, name, pathSegmentErrors(name))),
  ];
}

function parametersErrors(
  parameters: NonNullable<IngressClassDraft['spec']>['parameters'],
  path: string,
): FieldError[] {
  if (parameters === undefined) return [];
  const { scope, namespace } = parameters;
  return [
    ...referenceErrors(parameters, path),
    ...oneOf(`${path}.scope`, scope, ['Cluster', 'Namespace'], 'required'),
    ...(scope === 'Namespace' && namespace === undefined
      ? [required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'")]
      : []),
    ...(scope === 'Cluster' && namespace !== undefined
      ? [forbiddenField(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'")]
      : []),
    ...(scope === 'Namespace' && namespace !== undefined
      ? invalidFor(`${path}.namespace`, namespace, dns1123LabelErrors(namespace))
      : []),
  ];
}

export function ingressClassUpdateErrors(object: IngressClassDraft, old: IngressClassDraft): FieldError[] {
  return [
    ...immutable('spec.controller', object.spec?.controller ?? '', old.spec?.controller ?? ''),
    ...ingressClassErrors(object),
  ];
}
