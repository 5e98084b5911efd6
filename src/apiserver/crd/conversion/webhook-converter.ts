/** Conversion of custom resources by a webhook: `apiextensions.k8s.io/v1` ConversionReview. */
import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { StatusError } from '../../../api/status-error.ts';
import { messageOf } from '../../../base/errors.ts';
import { type HookClient, type HookClientConfig, HookCallError } from '../../backends/hook-client.ts';
import { acceptedObject, ConversionError, placeInList, SINGLE } from './converted-object.ts';

const GROUP = 'apiextensions.k8s.io';
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const TIMEOUT_SECONDS = 30;
/** Objects that one review carries; longer lists are converted piece by piece. */
const MAX_REVIEW_OBJECTS = 500;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface WebhookConversion {
  readonly clientConfig?: HookClientConfig;
  readonly conversionReviewVersions?: readonly string[] | null;
}

export class WebhookConverter {
  readonly #webhook: WebhookConversion;
  readonly #client: HookClient;
  readonly #ended: AbortSignal;

  /** The signal ends all calls, with the server. */
  constructor(webhook: WebhookConversion, client: HookClient, ended: AbortSignal) {
    this.#webhook = webhook;
    this.#client = client;
    this.#ended = ended;
  }

  /** The objects in the version; those that have it already are not sent. Rejects with StatusError. */
  async convert(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> {
    const others = objects.filter((object) => object.apiVersion !== apiVersion);
    const converted = new Map<KubeObject, KubeObject>();
    for (let from = 0; from < others.length; from += MAX_REVIEW_OBJECTS) {
      const batch = others.slice(from, from + MAX_REVIEW_OBJECTS);
      const answers = await this.#review(batch, apiVersion);
      batch.forEach((object, index) => converted.set(object, answers[index] ?? object));
    }
    return objects.map((object) => converted.get(object) ?? object);
  }

  async #review(objects: readonly KubeObject[], apiVersion: string): Promise<KubeObject[]> {
    const [first] = objects;
    const about = `conversion webhook for ${first?.apiVersion ?? ''}, Kind=${first?.kind ?? ''}`;
    try {
      const answers = await this.#ask(objects, apiVersion);
      if (answers.length !== objects.length) {
        throw new ConversionError(`returned ${answers.length} objects, expected ${objects.length}`);
      }
      return objects.map((object, index) =>
        acceptedObject(object, answers[index] ?? null, apiVersion, objects.length === 1 ? SINGLE : placeInList(index)),
      );
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new StatusError('', `${about} ${messageOf(error)}`, { cause: error });
    }
  }

  async #ask(objects: readonly KubeObject[], desiredAPIVersion: string): Promise<readonly JsonValue[]> {
    const { clientConfig = {}, conversionReviewVersions } = this.#webhook;
    const version = (conversionReviewVersions ?? []).find((each) => REVIEW_VERSIONS.includes(each)) ?? 'v1';
    const uid = randomUUID();
    const apiVersion = `${GROUP}/${version}`;
    const review = { kind: 'ConversionReview', apiVersion, request: { uid, desiredAPIVersion, objects } };
    const call = { config: clientConfig, review, timeoutSeconds: TIMEOUT_SECONDS, maxAnswerBytes: MAX_ANSWER_BYTES };
    try {
      return convertedIn(await this.#client.post(call, this.#ended), uid, apiVersion);
    } catch (error) {
      if (!(error instanceof HookCallError)) throw error;
      throw new ConversionError(`failed: ${error.message}`, { cause: error });
    }
  }
}

/** `getConvertedObjectsFromResponse`. Throws HookCallError. */
function convertedIn(answer: JsonObject, uid: string, apiVersion: string): readonly JsonValue[] {
  const got = `${textOf(answer.apiVersion)}, Kind=${textOf(answer.kind)}`;
  const expected = `${apiVersion}, Kind=ConversionReview`;
  if (got !== expected) throw new HookCallError(`expected webhook response of ${expected}, got ${got}`);
  const { response } = answer;
  if (!isObject(response)) throw new HookCallError('no response provided');
  if (response.uid !== uid) {
    throw new HookCallError(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  }
  const result = isObject(response.result) ? response.result : {};
  if (result.status !== 'Success') {
    const message = textOf(result.message);
    throw new HookCallError(message || `response.result.status was '${textOf(result.status)}', not 'Success'`);
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
