/** How one version of a custom resource and the stored one turn into each other. */
import { cloneJson, type JsonObject } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { apiVersionOf, type ServedResource } from '../../registry/catalog.ts';
import type { Crd, CrdVersion } from '../definition/model.ts';
import { prune } from '../instance/prune.ts';
import type { WebhookConversion, WebhookConverter } from './webhook-converter.ts';

/**
 * Converts objects of one definition between its versions, without a webhook: for what the program itself brings. Pure;
 * may return the object that it was given.
 */
export type InProcessConverter = (object: KubeObject, toVersion: string) => KubeObject;

export type MakeConverter = (webhook: WebhookConversion) => WebhookConverter;

/** Nothing where all that is stored is of this very version. */
export function conversionOf(
  crd: Crd,
  version: CrdVersion,
  inProcess: InProcessConverter | undefined,
  makeConverter: MakeConverter,
): Pick<ServedResource, 'conversion' | 'remote'> {
  const storage = (crd.spec?.versions ?? []).find((each) => each.storage === true);
  if (storage === undefined) return {};
  if (storage.name === version.name && (crd.status?.storedVersions ?? []).length < 2) return {};
  const group = crd.spec?.group ?? '';
  const { strategy, webhook } = crd.spec?.conversion ?? {};
  if (inProcess === undefined && strategy === 'Webhook' && webhook !== undefined) {
    return { remote: remoteConversion(group, version, storage, makeConverter(webhook)) };
  }
  const as = ({ name, schema }: CrdVersion, given: KubeObject): KubeObject => {
    const object = inProcess === undefined ? given : inProcess(given, name);
    object.apiVersion = apiVersionOf({ group, version: name });
    return pruned(object, schema);
  };
  return {
    conversion: {
      fromStorage: (object) => as(version, object),
      toStorage: (object) => as(storage, cloneJson(object)),
    },
  };
}

function remoteConversion(
  group: string,
  version: CrdVersion,
  storage: CrdVersion,
  converter: WebhookConverter,
): NonNullable<ServedResource['remote']> {
  const as = async ({ name, schema }: CrdVersion, given: readonly KubeObject[]): Promise<readonly KubeObject[]> => {
    const converted = await converter.convert(given, apiVersionOf({ group, version: name }));
    return converted.map((object, index) => (object === given[index] ? object : pruned(object, schema)));
  };
  return {
    fromStorage: (objects) => as(version, objects),
    toStorage: (objects) => as(storage, objects),
  };
}

/** What the version does not know falls away. */
function pruned(object: KubeObject, schema: CrdVersion['schema']): KubeObject {
  prune(object as JsonObject, schema?.openAPIV3Schema ?? {});
  return object;
}
