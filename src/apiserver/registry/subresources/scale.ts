/** `/scale`: how many of it there should be, the same for all kinds that have replicas. */
import { invalid, invalidObject } from '../../../api/field-error.ts';
import type { KubeObject } from '../../../api/object.ts';
import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';
import type { ApiResponse } from '../../../client/index.ts';
import type { Representation } from '../../door/negotiation.ts';
import { bodyOf, decodeBody } from '../body.ts';
import type { ScalePaths, ServedResource } from '../catalog.ts';
import type { ResourceCall } from '../call.ts';
import { contextOf, formOf, methodNotAllowed } from '../endpoint.ts';
import { patchFormat } from '../patcher.ts';
import type { SubresourceForm } from '../write-context.ts';
import { writeOptions, type WriteOptions } from '../write-options.ts';
import { assertName } from '../writer.ts';
import type { SubresourceParts } from './parts.ts';
import { numbersOf, withReplicas } from './scale-fields.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

interface Scale extends KubeObject {
  spec?: { replicas?: number };
}

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
    const scale = decodeBody(this.#parts.decoder, call, SCALE, options.fieldValidation);
    assertName(scale, call.info.name);
    return await this.#write(call, options, () => scale, form);
  }

  async #patch(call: ResourceCall, form: Representation): Promise<ApiResponse> {
    const options = writeOptions('PatchOptions', call.query, call.request.headers['user-agent'] ?? '');
    const format = patchFormat(call.request.headers['content-type'], call.served);
    if (format === 'apply') throw methodNotAllowed();
    const transform = this.#parts.patcher.prepare({
      format,
      served: scaleResource(call.served),
      body: bodyOf(call),
      fieldValidation: options.fieldValidation,
      warn: call.warn,
    });
    return await this.#write(call, options, (object) => transform(scaleOf(object, call.served.scale)), form);
  }

  async #write(
    call: ResourceCall,
    options: WriteOptions,
    scaled: (object: KubeObject) => Scale,
    form: Representation,
  ): Promise<ApiResponse> {
    const context = { ...contextOf(call, options, 'UpdateOptions'), form: formOfScale(call.served.scale) };
    const { object } = await this.#parts.writer.update(context, call.info.name, (current) => {
      const scale = scaled(current);
      const replicas = scale.spec?.replicas ?? 0;
      if (replicas < 0) {
        const error = invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
        throw invalidObject(SCALE, call.info.name, [error]);
      }
      const { resourceVersion } = scale.metadata ?? {};
      const scaledObject = withReplicas(current, replicas, call.served.scale);
      return {
        ...scaledObject,
        metadata: { ...current.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
      };
    });
    return this.#answer(call, scaleOf(object, call.served.scale), form);
  }

  #answer(call: ResourceCall, scale: KubeObject, form: Representation): ApiResponse {
    return this.#parts.presenter.object(200, scaleResource(call.served), scale, form, call.query);
  }
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
