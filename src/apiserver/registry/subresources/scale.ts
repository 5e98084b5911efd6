/** `/scale`: how many of it there should be, the same for all kinds that have replicas. */
import { applyPatch, trackUpdate, type WriteContext as ApplyContext } from '../../../api/apply/apply.ts';
import { entriesAfterScale, scaleEntries } from '../../../api/apply/scale-managers.ts';
import { invalid, invalidObject } from '../../../api/field-error.ts';
import type { KubeObject } from '../../../api/object.ts';
import { apiVersionOf } from '../../../api/resources.ts';
import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';
import { isTrue } from '../../../auth/index.ts';
import type { ApiResponse } from '../../../client/index.ts';
import type { Representation } from '../../door/negotiation.ts';
import { appliedConfiguration } from '../applier.ts';
import { bodyOf, decodeBody } from '../body.ts';
import type { ScalePaths, ServedResource } from '../catalog.ts';
import type { ResourceCall } from '../call.ts';
import { contextOf, formOf, methodNotAllowed } from '../endpoint.ts';
import { patchFormat } from '../patcher.ts';
import type { SubresourceForm } from '../write-context.ts';
import { assertPatchOptions, writeOptions, type WriteOptions } from '../write-options.ts';
import { assertName } from '../writer.ts';
import type { SubresourceParts } from './parts.ts';
import { numbersOf, replicasPath, withReplicas } from './scale-fields.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface Scale extends KubeObject {
  spec?: { replicas?: number };
}

type ScaleChange = (scale: Scale) => Scale;

export class ScaleSubresource {
  readonly #parts: SubresourceParts;

  constructor(parts: SubresourceParts) {
    this.#parts = parts;
  }

  async handle(call: ResourceCall): Promise<ApiResponse> {
    const form = formOf(call, false);
    switch (call.info.verb) {
      case 'get':
        return await this.#get(call, form);
      case 'update':
        return await this.#update(call, form);
      case 'patch':
        return await this.#patch(call, form);
      default:
        throw methodNotAllowed();
    }
  }

  async #get(call: ResourceCall, form: Representation): Promise<ApiResponse> {
    const { served, info } = call;
    const object = await this.#parts.reader.getObject(served, info.namespace, info.name);
    return this.#answer(call, scaleOf(object, call.served.scale), form);
  }

  async #update(call: ResourceCall, form: Representation): Promise<ApiResponse> {
    const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'] ?? '');
    const scale: Scale = decodeBody(this.#parts.decoder, call, SCALE, options.fieldValidation);
    assertName(scale, call.info.name);
    return await this.#write(
      call,
      options,
      this.#tracked(call, options, () => scale),
      form,
    );
  }

  async #patch(call: ResourceCall, form: Representation): Promise<ApiResponse> {
    const options = writeOptions('PatchOptions', call.query, call.request.headers['user-agent'] ?? '');
    const format = patchFormat(call.request.headers['content-type'], call.served);
    assertPatchOptions(call.query, format);
    const served = scaleResource(call.served);
    if (format === 'apply') return await this.#write(call, options, this.#applied(call, options, served), form);
    const { fieldValidation } = options;
    const transform = this.#parts.patcher.prepare({
      format,
      served,
      body: bodyOf(call),
      fieldValidation,
      warn: call.warn,
    });
    return await this.#write(call, options, this.#tracked(call, options, transform), form);
  }

  #applied(call: ResourceCall, options: WriteOptions, served: ServedResource): ScaleChange {
    const patch = appliedConfiguration(bodyOf(call), served);
    const { name } = call.info;
    assertName({ metadata: { name, ...patch.metadata } }, name);
    const force = isTrue(call.query.get('force'));
    const context = this.#ownershipOf(call, options);
    return (live) => applyPatch({ ...context, live, patch, force });
  }

  #tracked(call: ResourceCall, options: WriteOptions, change: ScaleChange): ScaleChange {
    const context = this.#ownershipOf(call, options);
    return (before) => {
      const after = change(before);
      const { managedFields: _sent, ...metadata } = after.metadata ?? {};
      const managedFields = trackUpdate({ ...context, before, after: { ...after, metadata } }) ?? [];
      return { ...after, metadata: { ...metadata, managedFields } };
    };
  }

  #ownershipOf(call: ResourceCall, options: WriteOptions): ApplyContext {
    const context = contextOf(call, options, 'UpdateOptions');
    return this.#parts.ownership.applyContext({ ...context, served: scaleResource(call.served) });
  }

  /** `change` gets the scale with the managers of its replicas and gives it back so. */
  async #write(
    call: ResourceCall,
    options: WriteOptions,
    change: ScaleChange,
    form: Representation,
  ): Promise<ApiResponse> {
    const { scale: paths, info } = call.served;
    const context = { ...contextOf(call, options, 'UpdateOptions'), form: formOfScale(paths), applied: true };
    const { object } = await this.#parts.writer.update(context, call.info.name, (current) => {
      const { managedFields: before, ...metadata } = current.metadata ?? {};
      const path = replicasPath(paths);
      const scale: Scale = scaleOf(current, paths);
      const { spec, metadata: changed } = change({
        ...scale,
        metadata: { ...scale.metadata, managedFields: scaleEntries(before, path) },
      });
      const replicas = checkedReplicas(spec?.replicas ?? 0, call.info.name);
      const managedFields = entriesAfterScale(before, changed?.managedFields, path, apiVersionOf(info));
      const { resourceVersion } = changed ?? {};
      return {
        ...withReplicas(current, replicas, paths),
        metadata: {
          ...metadata,
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
          ...(managedFields.length === 0 ? {} : { managedFields }),
        },
      };
    });
    return this.#answer(call, scaleOf(object, paths), form);
  }

  #answer(call: ResourceCall, scale: KubeObject, form: Representation): ApiResponse {
    return this.#parts.presenter.object(200, scaleResource(call.served), scale, form, call.query);
  }
}

function checkedReplicas(replicas: number, name: string): number {
  if (replicas >= 0) return replicas;
  throw invalidObject(SCALE, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
}

function formOfScale(paths: ScalePaths | undefined): SubresourceForm {
  return {
    show: (object) => scaleOf(object, paths),
    take: (object, scale: Scale) => Object.assign(object, withReplicas(object, scale.spec?.replicas ?? 0, paths)),
  };
}

function scaleResource(served: ServedResource): ServedResource {
  return { ...served, info: { ...served.info, ...SCALE }, strategy: {}, custom: false };
}

function scaleOf(object: KubeObject, paths: ScalePaths | undefined): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const { replicas, now, selector } = numbersOf(object, paths);
  const text = typeof selector === 'string' ? selector : selectorText(selector);
  return {
    kind: SCALE.kind,
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: now, ...(text === '' ? {} : { selector: text }) },
  };
}

/** Of the object form, and of the plain map of a ReplicationController. */
function selectorText(selector: object | undefined): string {
  if (selector === undefined) return '';
  const isObjectForm = 'matchLabels' in selector || 'matchExpressions' in selector;
  const parsed = isObjectForm
    ? LabelSelector.from(selector as LabelSelectorObject)
    : LabelSelector.ofLabels(selector as Record<string, string>);
  return parsed.toString();
}
