/** What the registry asks of CustomResourceDefinitions: upstream `pkg/registry/customresourcedefinition`. */
import type { KindStrategy } from '../../kinds/strategy.ts';
import type { Crd } from './model.ts';
import { withCondition } from './plan-status.ts';
import { definitionErrors, definitionUpdateErrors } from './validate-definition.ts';

/** Holds a definition until its objects are gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** `general` brings defaults, the rules of status and those of metadata. */
export function definitionStrategy(general: KindStrategy): KindStrategy {
  return {
    ...general,
    prepareForCreate(object, context) {
      general.prepareForCreate?.(object, context);
      const crd = object as Crd;
      const storage = crd.spec?.versions?.find((version) => version.storage === true);
      crd.status = { ...crd.status, storedVersions: storage === undefined ? null : [storage.name] };
    },
    prepareForUpdate(object, old, context) {
      general.prepareForUpdate?.(object, old, context);
      rememberStorageVersion(object);
    },
    validate: (object, context) => [...(general.validate?.(object, context) ?? []), ...definitionErrors(object)],
    validateUpdate: (object, old, context) => [
      ...(general.validateUpdate?.(object, old, context) ?? []),
      ...(context.subresource === 'status' ? [] : definitionUpdateErrors(object, old)),
    ],
    markDeleted(object, now) {
      const crd = object as Crd;
      const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
      const finalizers = crd.metadata?.finalizers ?? [];
      crd.metadata = {
        ...crd.metadata,
        deletionTimestamp: time,
        finalizers: finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER],
      };
      const message = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';
      const terminating = { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message } as const;
      crd.status = { ...crd.status, conditions: withCondition(crd.status?.conditions ?? [], terminating, time) };
    },
  };
}

/** Whatever has been a storage version stays known until somebody has migrated its objects. */
function rememberStorageVersion(crd: Crd): void {
  const storage = crd.spec?.versions?.find((version) => version.storage === true)?.name;
  const stored = crd.status?.storedVersions ?? [];
  if (storage === undefined || stored.includes(storage)) return;
  crd.status = { ...crd.status, storedVersions: [...stored, storage] };
}
