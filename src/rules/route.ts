/** What a Rule means on this node: KubeEdge `cloud/pkg/router`. Pure. */
import { joinKey, objectKey } from '../api/object.ts';
import type { Rule, RuleEndpoint } from './rule-kinds.ts';

export type Route =
  /** Messages of a topic are posted. */
  | { readonly kind: 'toRest'; readonly key: string; readonly topic: string; readonly url: string }
  /** What is posted to the path is published. */
  | { readonly kind: 'toEventbus'; readonly key: string; readonly path: string; readonly topic: string }
  /** Requests for the path, and for what is below it, go to the service, and its answers come back. */
  | { readonly kind: 'toService'; readonly key: string; readonly path: string; readonly url: string };

/** Why a rule carries nothing. */
export interface Problem {
  readonly kind: 'problem';
  readonly key: string;
  readonly message: string;
}

type Resource = Readonly<Record<string, string>>;

/** Topics that carry no namespace: whatever is published there reaches every rule that names it. */
const SHARED_TOPIC = /^(\$hw\/events\/upload\/.+|SYS\/dis\/upload_records)$/;
const MAX_PORT = 65_535;

/** Nothing where the rule concerns another node. */
export function routeOf(
  rule: Rule,
  endpoint: (key: string) => RuleEndpoint | undefined,
  nodeName: string,
): Route | Problem | undefined {
  const key = objectKey(rule);
  const namespace = rule.metadata?.namespace ?? '';
  const { source = '', sourceResource = {}, target = '', targetResource = {} } = rule.spec ?? {};
  const { node_name: node = '' } = sourceResource;
  try {
    const from = found(endpoint(joinKey(namespace, source)), `${namespace}/${source}`);
    const to = found(endpoint(joinKey(namespace, target)), `${namespace}/${target}`);
    switch (`${from.ruleEndpointType} to ${to.ruleEndpointType}`) {
      case 'eventbus to rest':
      case 'eventbus to servicebus': {
        if (node !== '' && node !== nodeName) return undefined;
        const topic = sourceTopic(sourceResource, namespace);
        const url = to.ruleEndpointType === 'rest' ? restUrl(targetResource) : serviceUrl(to, targetResource);
        return { kind: 'toRest', key, topic, url };
      }
      case 'rest to eventbus': {
        const path = sourcePath(sourceResource, namespace, nodeName);
        return { kind: 'toEventbus', key, path, topic: targetTopic(targetResource) };
      }
      case 'rest to servicebus': {
        const path = sourcePath(sourceResource, namespace, nodeName);
        return { kind: 'toService', key, path, url: serviceUrl(to, targetResource) };
      }
      default:
        throw new BadRule(`messages are not carried from ${from.ruleEndpointType} to ${to.ruleEndpointType}`);
    }
  } catch (error) {
    if (error instanceof BadRule) return { kind: 'problem', key, message: error.message };
    throw error;
  }
}

/** Where a request goes that was made for the route or below it; nothing where its path leaves that of the rule. */
export function serviceTarget(route: Extract<Route, { kind: 'toService' }>, target: string): string | undefined {
  const below = target.replace(/^\/+/, '').slice(route.path.length);
  const url = URL.parse(`${route.url}${below}`);
  const { pathname } = new URL(route.url);
  const isInside = url?.pathname === pathname || url?.pathname.startsWith(`${pathname.replace(/\/$/, '')}/`) === true;
  return url !== null && isInside ? url.href : undefined;
}

/** Something in the rule or in its endpoints that a person must mend. */
class BadRule extends Error {}

function found(endpoint: RuleEndpoint | undefined, key: string): NonNullable<RuleEndpoint['spec']> {
  if (endpoint?.spec === undefined) throw new BadRule(`there is no RuleEndpoint ${key}`);
  return endpoint.spec;
}

function sourceTopic({ topic = '' }: Resource, namespace: string): string {
  if (topic === '') throw new BadRule('sourceResource.topic is missing');
  return SHARED_TOPIC.test(topic) ? topic : `${namespace}/${topic}`;
}

function sourcePath({ path = '' }: Resource, namespace: string, nodeName: string): string {
  const own = path.replace(/^\/+|\/+$/g, '');
  if (own === '') throw new BadRule('sourceResource.path is missing');
  return `${nodeName}/${namespace}/${own}`;
}

function targetTopic({ topic = '' }: Resource): string {
  if (topic === '' || /[#+]/.test(topic)) throw new BadRule('targetResource.topic must be a topic without wildcards');
  return topic;
}

function restUrl({ resource = '' }: Resource): string {
  if (/^https?:/.test(resource) && URL.canParse(resource)) return resource;
  throw new BadRule('targetResource.resource must be an http or https URL');
}

/** A service on this machine, by its port. */
function serviceUrl({ properties = {} }: NonNullable<RuleEndpoint['spec']>, { path = '' }: Resource): string {
  const port = properties['service_port'] ?? '';
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > MAX_PORT) {
    throw new BadRule(`properties.service_port of the RuleEndpoint must be a port, not "${port}"`);
  }
  if (path === '') throw new BadRule('targetResource.path is missing');
  return `http://127.0.0.1:${Number(port)}/${path.replace(/^\/+|\/+$/g, '')}`;
}
