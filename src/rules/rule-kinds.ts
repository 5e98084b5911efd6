/** The kinds of `rules.kubeedge.io` as they are on the wire. */
import type { KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';

const GROUP = 'rules.kubeedge.io';

export const RULES: ResourceInfo = resource('Rule', 'rules');
export const RULE_ENDPOINTS: ResourceInfo = resource('RuleEndpoint', 'ruleendpoints');

function resource(kind: string, plural: string): ResourceInfo {
  return { group: GROUP, version: 'v1', kind, plural, singular: kind.toLowerCase(), namespaced: true };
}

export interface RuleEndpoint extends KubeObject {
  spec?: { ruleEndpointType?: string; properties?: Record<string, string> };
}

export interface Rule extends KubeObject {
  spec?: {
    source?: string;
    sourceResource?: Record<string, string>;
    target?: string;
    targetResource?: Record<string, string>;
  };
  status?: RuleStatus;
}

export interface RuleStatus {
  successMessages?: number;
  failMessages?: number;
  errors?: string[];
}
