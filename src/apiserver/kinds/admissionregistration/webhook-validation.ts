/** Validation of webhook configurations: upstream `pkg/apis/admissionregistration/validation/validation.go`. */
import { duplicate, type FieldError, invalid, required } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { HookClientConfig } from '../../backends/hook-client.ts';
import { matchConditionErrors } from '../../admission/policy/expression-errors.ts';
import { REQUEST_VARIABLES } from '../../admission/policy/request-variables.ts';
import type { MutatingWebhookDraft } from '../models.ts';
import { each, invalidFor, isEmpty, oneOf, portNumber, requiredText } from '../validation/checks.ts';

type Webhook = Omit<MutatingWebhookDraft, 'reinvocationPolicy'> & { reinvocationPolicy?: string };
type Rule = NonNullable<Webhook['rules']>[number];

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const MIN_SEGMENTS = 3;
const MAX_TIMEOUT_SECONDS = 30;

export function webhooksErrors(webhooks: readonly Webhook[] | undefined): FieldError[] {
  const names = new Set<string>();
  return each(webhooks, 'webhooks', (webhook, path) => {
    const name = webhook.name ?? '';
    const repeated = names.has(name);
    names.add(name);
    return [...webhookErrors(webhook, path), ...(repeated ? [duplicate(`${path}.name`, name)] : [])];
  });
}

function webhookErrors(webhook: Webhook, path: string): FieldError[] {
  const { timeoutSeconds, namespaceSelector, objectSelector, sideEffects } = webhook;
  return [
    ...nameErrors(webhook.name ?? '', `${path}.name`),
    ...each(webhook.rules, `${path}.rules`, ruleErrors),
    ...oneOf(`${path}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore'], 'unsupported'),
    ...oneOf(`${path}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact'], 'unsupported'),
    ...(isEmpty(sideEffects)
      ? [required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOf(`${path}.sideEffects`, sideEffects, SIDE_EFFECTS)),
    ...(timeoutSeconds !== undefined && (timeoutSeconds > MAX_TIMEOUT_SECONDS || timeoutSeconds < 1)
      ? [
          invalid(
            `${path}.timeoutSeconds`,
            timeoutSeconds,
            `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`,
          ),
        ]
      : []),
    ...(namespaceSelector === undefined
      ? []
      : labelSelectorErrors(namespaceSelector as LabelSelectorObject, `${path}.namespaceSelector`)),
    ...(objectSelector === undefined
      ? []
      : labelSelectorErrors(objectSelector as LabelSelectorObject, `${path}.objectSelector`)),
    ...oneOf(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...matchConditionErrors(webhook.matchConditions, `${path}.matchConditions`, REQUEST_VARIABLES),
    ...clientConfigErrors(webhook.clientConfig ?? {}, `${path}.clientConfig`),
    ...versionErrors(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`),
  ];
}

/** A name of its own under a domain: three segments at least. */
function nameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const errors = invalidFor(path, name, dns1123SubdomainErrors(name));
  if (errors.length > 0) return errors;
  if (name.split('.').length >= MIN_SEGMENTS) return [];
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

export function ruleErrors(rule: Rule, path: string): FieldError[] {
  return [
    ...operationErrors(rule.operations ?? [], `${path}.operations`),
    ...aloneErrors(rule.apiGroups ?? [], 'other API groups', `${path}.apiGroups`, true),
    ...aloneErrors(rule.apiVersions ?? [], 'other API versions', `${path}.apiVersions`, false),
    ...resourceErrors(rule.resources ?? [], `${path}.resources`),
    ...oneOf(`${path}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced']),
  ];
}

function operationErrors(operations: readonly string[], path: string): FieldError[] {
  if (operations.length === 0) return [required(path)];
  if (operations.length > 1 && operations.includes('*')) {
    return [invalid(path, operations, "if '*' is present, must not specify other operations")];
  }
  return each(operations, path, (operation, path) => oneOf(path, operation, OPERATIONS, 'unsupported'));
}

/** A star stands for all others. */
function aloneErrors(items: readonly string[], others: string, path: string, mayBeEmptyText: boolean): FieldError[] {
  if (items.length === 0) return [required(path)];
  if (items.length > 1 && items.includes('*')) {
    return [invalid(path, items, `if '*' is present, must not specify ${others}`)];
  }
  return each(items, path, (item, path) => (item === '' && !mayBeEmptyText ? [required(path)] : []));
}

function resourceErrors(resources: readonly string[], path: string): FieldError[] {
  if (resources.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  const plain = resources.filter((resource) => !resource.includes('/'));
  if (plain.length > 1 && plain.includes('*')) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, detail));
  }
  return [...errors, ...each(resources, path, (resource, path) => (resource === '' ? [required(path)] : []))];
}

export function clientConfigErrors({ url, service }: HookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlErrors(url, `${path}.url`);
  return [
    ...requiredText(`${path}.service.name`, service?.name),
    ...requiredText(`${path}.service.namespace`, service?.namespace),
    ...(service?.port === undefined || (service.port >= 1 && service.port <= 65_535)
      ? []
      : portNumber(`${path}.service.port`, service.port)),
    ...(service?.path === undefined || service.path.startsWith('/')
      ? []
      : [invalid(`${path}.service.path`, service.path, "must start with a '/'")]),
  ];
}

const FORM = '; desired format: https://host[/path]';

function urlErrors(text: string, path: string): FieldError[] {
  if (!URL.canParse(text)) return [required(path, `url must be a valid URL: ${text}${FORM}`)];
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`)]),
    ...(url.host === '' ? [invalid(path, url.host, `host must be specified${FORM}`)] : []),
    ...(url.username === '' ? [] : [invalid(path, url.username, 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [invalid(path, url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === '' ? [] : [invalid(path, url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function versionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return [];
  return [invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}
