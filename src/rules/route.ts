/** What a Rule means on this node: KubeEdge `cloud/pkg/router`. Pure. */
import { joinKey, objectKey } from '../api/object.ts';
import type { Rule, RuleEndpoint } from './rule-kinds.ts';

export type Route =
  | { readonly kind: 'toRest'; readonly key: string; readonly topic: string; readonly url: string }
  | { readonly kind: 'toEventbus'; readonly key: string; readonly path: string; readonly topic: string };

/** Why a rule carries nothing. */
export interface Problem {
  readonly kind: 'problem';
  readonly key: string;
  readonly message: string;
}

/** Topics that carry no namespace: whatever is published there reaches every rule that names it. */
const SHARED_TOPIC = /^(\$hw\/events\/upload\/.+|SYS\/dis\/upload_records)$/;

/** Nothing where the rule concerns another node. */
export function routeOf(
  rule: Rule,
  endpoint: (key: string) => RuleEndpoint | undefined,
  nodeName: string,
): Route | Problem | undefined {
  const key = objectKey(rule);
  const namespace = rule.metadata?.namespace ?? '';
  const { source = '', sourceResource = {}, target = '', targetResource = {} } = rule.spec ?? {};
  const problem = (message: string): Problem => ({ kind: 'problem', key, message });
  const [from, to] = [source, target].map((name) => endpoint(joinKey(namespace, name))?.spec?.ruleEndpointType);
  if (from === undefined) return problem(`there is no RuleEndpoint ${namespace}/${source}`);
  if (to === undefined) return problem(`there is no RuleEndpoint ${namespace}/${target}`);
  if (from === 'eventbus' && to === 'rest') {
    const { topic, node_name: node } = sourceResource;
    if (node !== undefined && node !== '' && node !== nodeName) return undefined;
    const { resource: url = '' } = targetResource;
    if (topic === undefined || topic === '') return problem('sourceResource.topic is missing');
    if (!/^https?:/.test(url) || !URL.canParse(url))
      return problem('targetResource.resource must be an http or https URL');
    return { kind: 'toRest', key, topic: SHARED_TOPIC.test(topic) ? topic : `${namespace}/${topic}`, url };
  }
  if (from === 'rest' && to === 'eventbus') {
    const path = (sourceResource['path'] ?? '').replace(/^\/+|\/+$/g, '');
    const { topic = '' } = targetResource;
    if (path === '') return problem('sourceResource.path is missing');
    if (topic === '' || /[#+]/.test(topic)) return problem('targetResource.topic must be a topic without wildcards');
    return { kind: 'toEventbus', key, path: `${nodeName}/${namespace}/${path}`, topic };
  }
  return problem(`messages are not carried from ${from} to ${to}`);
}
