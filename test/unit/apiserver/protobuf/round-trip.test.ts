import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isObject, type JsonValue } from '../../../../src/api/json.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Schema } from '../../../../src/api/schema.ts';
import { toProtobuf } from '../../../../src/apiserver/protobuf/envelope.ts';
import { protobufToJson } from '../../../../src/apiserver/protobuf/envelope.ts';
import { codecOf, messageOf } from '../../../../src/apiserver/protobuf/messages.ts';
import { ProtobufWriter } from '../../../../src/apiserver/protobuf/protobuf-writer.ts';
import { KubeArbitrary } from '../../../support/kube-arbitrary.ts';
import { recordings, withoutOracle } from '../../../support/oracle.ts';
import { builtInSchemas } from '../../../support/schemas.ts';

const RUNS = 60;
const MIN_ANSWERS = 1_500;

/** Off by default in 1.36, or newer than the numbers that are known: they do not travel in protobuf. */
const WITHOUT_NUMBER = new Set([
  'api.core.v1.PodSpec.schedulingGroup',
  'api.core.v1.PodStatus.nodeAllocatableResourceClaimStatuses',
  'api.core.v1.VolumeMountStatus.volumeStatus',
  'api.resource.v1.Device.nodeAllocatableResourceMappings',
  'api.resource.v1.DeviceAttribute.bools',
  'api.resource.v1.DeviceAttribute.ints',
  'api.resource.v1.DeviceAttribute.strings',
  'api.resource.v1.DeviceAttribute.versions',
  'api.storage.v1.CSIDriverSpec.preventPodSchedulingIfMissing',
]);
/** Only in fields without a number, in bodies that are JSON, or answered to `/version`. */
const WITHOUT_MESSAGE = new Set([
  'core.v1.ImageVolumeStatus',
  'core.v1.NodeAllocatableResourceClaimStatus',
  'core.v1.PodSchedulingGroup',
  'core.v1.VolumeStatus',
  'resource.v1.NodeAllocatableResourceMapping',
  'meta.v1.Patch',
  'version.Info',
]);

const catalog = builtInSchemas();

/** `io.k8s.api.core.v1.Pod` → `core.v1.Pod` */
function wireName(definition: string): string {
  return definition.replace(/^io\.k8s\.(?:api|.*\.pkg\.(?:apis|api|util)|.*\.pkg)\./, '');
}

/** `kind` and `apiVersion` stand in the envelope. */
function isKind(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-group-version-kind'] !== undefined;
}

function admits(definition: string, member: string): boolean {
  if (WITHOUT_NUMBER.has(`${definition.replace('io.k8s.', '')}.${member}`)) return false;
  return !(isKind(catalog.definition(definition)) && (member === 'kind' || member === 'apiVersion'));
}

test('what is written of any message is read back as it was', () => {
  const arbitrary = new KubeArbitrary(catalog, admits);
  for (const definition of catalog.builtInNames()) {
    const name = wireName(definition);
    if (WITHOUT_MESSAGE.has(name)) continue;
    const codec = codecOf(name);
    const property = fc.property(arbitrary.of(definition), (value) => {
      const writer = new ProtobufWriter(0);
      codec.write(writer, value as JsonValue);
      assert.deepEqual(codec.read(writer.finish()), value, name);
    });
    fc.assert(property, { numRuns: RUNS });
  }
});

/** Without what protobuf does not tell: null, empty lists, and what an object in a list calls itself. */
function meant(value: unknown, inside = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => meant(item, inside));
  if (!isObject(value)) return value;
  const nameless = inside === 'volumeClaimTemplates' || inside === 'items' ? ['kind', 'apiVersion'] : [];
  const members = Object.entries(value).filter(
    ([key, member]) => member !== null && !(Array.isArray(member) && member.length === 0) && !nameless.includes(key),
  );
  return Object.fromEntries(members.map(([key, member]) => [key, meant(member, key)]));
}

function hasMessage({ apiVersion, kind = '' }: KubeObject): boolean {
  return apiVersion !== undefined && messageOf(apiVersion, kind) !== undefined;
}

function plausible(text: string): string {
  return text
    .replaceAll('"<time>"', '"2026-01-02T03:04:05Z"')
    .replaceAll('"<microtime>"', '"2026-01-02T03:04:05.000000Z"')
    .replaceAll('"<nodePort>"', '30000')
    .replaceAll(/"(?:<base64 pem>|\$\{nsb64\})"/g, '"AAAA"');
}

test('what a kube-apiserver answered survives the way through protobuf', { skip: withoutOracle }, () => {
  let answers = 0;
  for (const { topic, cases } of recordings()) {
    for (const { name, steps } of cases) {
      for (const { response } of steps) {
        const body = response?.body;
        if (!isObject(body) || !hasMessage(body)) continue;
        answers += 1;
        const object = JSON.parse(plausible(JSON.stringify(body))) as object;
        const back: unknown = JSON.parse(protobufToJson(toProtobuf(object)).toString());
        assert.deepEqual(meant(back), meant(object), `${topic}/${name}`);
      }
    }
  }
  assert.ok(answers >= MIN_ANSWERS, `only ${answers} answers seen`);
});
