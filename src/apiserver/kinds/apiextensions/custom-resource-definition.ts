/** Definitions of custom resources. Defaults: upstream `apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go`. */
import { defineKind } from '../draft.ts';
import type { CustomResourceDefinitionDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';

const HTTPS_PORT = 443;

const rules = statusRules({
  initialStatus: () => ({ conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null }),
  generationOf: ['spec'],
});

export const customResourceDefinition = defineKind<CustomResourceDefinitionDraft>({
  updateNeedsVersion: true,
  ...rules,
  setDefaults({ spec }) {
    if (spec === undefined) return;
    spec.names ??= {};
    const { names } = spec;
    if ((names.singular ?? '') === '') names.singular = (names.kind ?? '').toLowerCase();
    if ((names.listKind ?? '') === '' && (names.kind ?? '') !== '') names.listKind = `${names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    const { service } = spec.conversion.webhook?.clientConfig ?? {};
    if (service !== undefined) service.port ??= HTTPS_PORT;
  },
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    const stored = (object.spec?.versions ?? [])
      .filter(({ storage }) => storage === true)
      .map(({ name }) => name ?? '');
    if (object.status !== undefined && stored.length > 0) object.status.storedVersions = stored;
  },
});
