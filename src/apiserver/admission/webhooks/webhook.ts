/** Webhook configurations as they are on the wire, as far as calling them reads them. */
import type { KubeObject } from '../../../api/object.ts';
import type { LabelSelectorObject } from '../../../api/selectors.ts';
import type { HookClientConfig } from '../../backends/hook-client.ts';
import type { MatchCondition } from '../match-conditions.ts';
import type { ResourceRule } from '../matching/resource-rules.ts';

export interface Webhook {
  readonly name: string;
  readonly clientConfig: HookClientConfig;
  readonly rules?: readonly ResourceRule[] | null;
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchPolicy?: 'Exact' | 'Equivalent';
  readonly namespaceSelector?: LabelSelectorObject | null;
  readonly objectSelector?: LabelSelectorObject | null;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly admissionReviewVersions?: readonly string[] | null;
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  readonly matchConditions?: readonly MatchCondition[] | null;
}

export interface WebhookConfiguration extends KubeObject {
  webhooks?: readonly Webhook[] | null;
}
