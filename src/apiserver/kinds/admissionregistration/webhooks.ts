/** Webhook configurations. Defaults: upstream `pkg/apis/admissionregistration/v1/defaults.go`. */
import { webhooksErrors } from './webhook-validation.ts';
import { defineKind } from '../draft.ts';
import type {
  MutatingWebhookConfigurationDraft,
  MutatingWebhookDraft,
  ValidatingWebhookConfigurationDraft,
} from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const TIMEOUT_SECONDS = 10;
const HTTPS_PORT = 443;

type Webhook = Omit<MutatingWebhookDraft, 'reinvocationPolicy'>;

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfigurationDraft>({
  validate: ({ webhooks }) => webhooksErrors(webhooks),
  validateUpdate: ({ webhooks }) => webhooksErrors(webhooks),
  updateNeedsVersion: true,
  ...statusRules({ generationOf: ['webhooks'] }),
  setDefaults: ({ webhooks }) => (webhooks ?? []).forEach(setWebhookDefaults),
  table: {
    columns: COLUMNS['admissionregistration.k8s.io/validatingwebhookconfigurations'],
    cells: (object, now) => [object.metadata?.name, (object.webhooks ?? []).length, ageOf(object, now)],
  },
});

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfigurationDraft>({
  validate: ({ webhooks }) => webhooksErrors(webhooks),
  validateUpdate: ({ webhooks }) => webhooksErrors(webhooks),
  updateNeedsVersion: true,
  ...statusRules({ generationOf: ['webhooks'] }),
  setDefaults({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      setWebhookDefaults(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },
  table: {
    columns: COLUMNS['admissionregistration.k8s.io/validatingwebhookconfigurations'],
    cells: (object, now) => [object.metadata?.name, (object.webhooks ?? []).length, ageOf(object, now)],
  },
});

function setWebhookDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= TIMEOUT_SECONDS;
  if (webhook.clientConfig?.service !== undefined) webhook.clientConfig.service.port ??= HTTPS_PORT;
  for (const rule of webhook.rules ?? []) rule.scope ??= '*';
}
