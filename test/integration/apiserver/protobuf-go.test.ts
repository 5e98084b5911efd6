/** Our protobuf beside that of the real Go types: what one side writes the other must read as it was meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject } from '../../../src/api/json.ts';
import { apiVersionOf, type GroupVersionKind } from '../../../src/api/resources.ts';
import { protobufToJson, toProtobuf } from '../../../src/apiserver/protobuf/index.ts';
import { messageOf } from '../../../src/apiserver/protobuf/messages.ts';
import { FullObject } from '../../support/full-object.ts';
import { GO_CLIENT } from '../../support/kubectl.ts';
import { builtInSchemas } from '../../support/schemas.ts';
import { runTool } from '../../support/site-process.ts';

/** Enough to tell any two booleans of a message apart. */
const ROUNDS = 5;
/** As many kinds and lists as the Go types, those of 1.20, share with us. */
const MIN_KINDS = 115;

interface Transcoded {
  readonly json: object;
  readonly protobuf: string;
}

type Answer = { step: 'object'; value: Transcoded } | { step: 'unknown' | 'refused'; value: string };

/** What Go makes of each body; it tells JSON and protobuf apart by itself. */
async function throughGo(bodies: readonly Uint8Array[]): Promise<Answer[]> {
  const lines = bodies.map((body) => `${Buffer.from(body).toString('base64')}\n`).join('');
  const { code, stdout, stderr } = await runTool(GO_CLIENT, ['transcode'], lines);
  assert.equal(code, 0, stderr);
  const answers = stdout.trim().split('\n');
  return answers.map((line) => JSON.parse(line) as Answer);
}

function transcoded(answer: Answer | undefined): Transcoded {
  assert.ok(answer?.step === 'object', JSON.stringify(answer));
  return answer.value;
}

interface Elder {
  readonly apiVersion: string;
  /** What a member is called now, and what it was called. */
  readonly renamed?: readonly [string, string];
}

/** Kinds whose messages the Go types have in an older version only, with the same numbers. */
const ELDERS: Readonly<Record<string, Elder>> = {
  'autoscaling/v2.HorizontalPodAutoscaler': { apiVersion: 'autoscaling/v2beta2' },
  'batch/v1.CronJob': { apiVersion: 'batch/v1beta1' },
  'discovery.k8s.io/v1.EndpointSlice': {
    apiVersion: 'discovery.k8s.io/v1beta1',
    renamed: ['deprecatedTopology', 'topology'],
  },
  'flowcontrol.apiserver.k8s.io/v1.FlowSchema': { apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta1' },
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfiguration': {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta1',
    renamed: ['nominalConcurrencyShares', 'assuredConcurrencyShares'],
  },
  'policy/v1.Eviction': { apiVersion: 'policy/v1beta1' },
  'policy/v1.PodDisruptionBudget': { apiVersion: 'policy/v1beta1' },
  'storage.k8s.io/v1.CSIStorageCapacity': { apiVersion: 'storage.k8s.io/v1alpha1' },
};

/** DeleteOptions and WatchEvent stand once, though every group has them; a watch event is no object of its own. */
function isOwn({ group, kind }: GroupVersionKind): boolean {
  return kind !== 'WatchEvent' && (group === '' || kind !== 'DeleteOptions');
}

/** Without what protobuf writes whether it is there or not: null, zero, the empty text, the empty list. */
function meant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meant);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, meant(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => !isZero(member)));
}

function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === null || value === 0 || value === '' || value === false;
}

interface Type {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The object as it was called in the version that Go knows. */
function asGoKnows<T extends Type>(object: T): T {
  const elder = ELDERS[`${object.apiVersion}.${object.kind.replace(/List$/, '')}`];
  if (elder === undefined) return object;
  const [now, then] = elder.renamed ?? ['', ''];
  const text = JSON.stringify({ ...object, apiVersion: elder.apiVersion });
  return JSON.parse(text.replaceAll(`"${now}":`, `"${then}":`)) as T;
}

/** The same message under another type: the last `runtime.Unknown.typeMeta` holds. */
function retyped(body: Uint8Array, { apiVersion, kind }: Type): Uint8Array {
  const meta = Buffer.concat([textField(1, apiVersion), textField(2, kind)]);
  return Buffer.concat([body, Buffer.from([(1 << 3) | 2, meta.byteLength]), meta]);
}

function textField(number: number, text: string): Uint8Array {
  return Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), Buffer.from(text)]);
}

const catalog = builtInSchemas();
const kinds = [...catalog.entries()].filter(({ kind }) => isOwn(kind) && messageOf(apiVersionOf(kind), kind.kind));

for (let round = 0; round < ROUNDS; round += 1) {
  test(`Go and we read each other's messages of every kind, round ${round}`, async () => {
    const objects = kinds.map(({ kind, name }) => {
      const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
      return { ...type, ...new FullObject(catalog, round).of(name) };
    });
    // What Go keeps of each object: all but the members that are newer than it.
    const kept = await throughGo(objects.map((object) => Buffer.from(JSON.stringify(asGoKnows(object)))));
    const common = objects.flatMap((object, i) => (kept[i]?.step === 'unknown' ? [] : [{ object, answer: kept[i] }]));
    assert.ok(common.length >= MIN_KINDS, `only ${common.length} kinds are known to Go`);
    const heard = await throughGo(common.map(({ object }) => retyped(toProtobuf(object), asGoKnows(object))));
    for (const [i, { object, answer }] of common.entries()) {
      const { apiVersion, kind } = object;
      const { json, protobuf } = transcoded(answer);
      assert.deepEqual(meant(transcoded(heard[i]).json), meant(json), `Go reads our ${kind} of ${apiVersion}`);
      const read = JSON.parse(protobufToJson(retyped(Buffer.from(protobuf, 'base64'), object)).toString()) as Type;
      assert.deepEqual(meant(asGoKnows(read)), meant(json), `we read ${kind} of ${apiVersion} from Go`);
    }
  });
}
