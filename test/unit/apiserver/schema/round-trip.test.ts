import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, type JsonValue } from '../../../../src/api/json.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { splitApiVersion, type GroupVersionKind } from '../../../../src/api/resources.ts';
import { BodyDecoder } from '../../../../src/apiserver/schema/index.ts';
import { recordings, withoutOracle } from '../../../support/oracle.ts';
import { builtInSchemas } from '../../../support/schemas.ts';

const MIN_ANSWERS = 1_500;
const catalog = builtInSchemas();
const decoder = new BodyDecoder(catalog, () => assert.fail('no custom kinds here'));

/** The objects of an answer, with the kind that the items of a list do not say. */
function objectsOf(answer: unknown): KubeObject[] {
  if (!isKubeObject(answer)) return [];
  const { apiVersion = '', kind = '', items } = answer;
  const inside = Array.isArray(items) ? items.filter(isKubeObject) : [];
  return [answer, ...inside.map((item) => ({ apiVersion, kind: kind.replace(/List$/, ''), ...item }))];
}

function isKubeObject(value: unknown): value is KubeObject {
  return isObject(value);
}

function kindOf({ apiVersion = '', kind = '' }: KubeObject): GroupVersionKind {
  const [group, version] = splitApiVersion(apiVersion);
  return { group, version, kind };
}

/** Recordings hide what differs between runs; a decoder wants values. */
function plausible(text: string): string {
  return text
    .replaceAll('"<time>"', '"2026-01-02T03:04:05Z"')
    .replaceAll('"<microtime>"', '"2026-01-02T03:04:05.000000Z"')
    .replaceAll('"<nodePort>"', '30000')
    .replaceAll(/"(?:<base64 pem>|\$\{nsb64\})"/g, '"AAAA"');
}

test('every object that a kube-apiserver answered decodes strictly to itself', { skip: withoutOracle }, () => {
  let answers = 0;
  for (const { topic, cases } of recordings()) {
    for (const { name, steps } of cases) {
      const shown = steps.flatMap(({ response }) => [
        ...objectsOf(response?.body),
        ...(response?.events ?? []).flatMap((event) => objectsOf(event.object)),
      ]);
      for (const object of shown.filter((each) => catalog.entry(kindOf(each)) !== undefined)) {
        answers += 1;
        const text = plausible(JSON.stringify(object));
        const request = { bytes: Buffer.from(text), format: 'json', kind: kindOf(object) } as const;
        const decoded = decoder.decode({ ...request, fieldValidation: 'Strict' }).object;
        assert.deepEqual(decoded, JSON.parse(text) as JsonValue, `${topic}/${name}`);
      }
    }
  }
  assert.ok(answers >= MIN_ANSWERS, `only ${answers} answers seen`);
});
