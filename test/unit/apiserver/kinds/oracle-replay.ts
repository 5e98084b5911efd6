/**
 * Feeds the recorded request bodies of a real kube-apiserver through the strategies alone, without a server, and tells
 * where objects, errors and rows differ. What admission and allocators add is taken away on both sides.
 */
import { readFileSync } from 'node:fs';
import { type KindStrategy, type StrategyContext, strategyOf } from '../../../../src/apiserver/kinds/index.ts';
import { type FieldError, invalidObject } from '../../../../src/api/field-error.ts';
import { cloneJson, isObject, type JsonObject, type JsonValue } from '../../../../src/api/json.ts';
import type { KubeObject } from '../../../../src/api/object.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo } from '../../../../src/api/resources.ts';
import { BodyDecoder } from '../../../../src/apiserver/schema/index.ts';
import { builtInSchemas } from '../../../support/schemas.ts';
import { StatusError } from '../../../../src/api/status-error.ts';

interface Step {
  readonly request?: {
    method: string;
    path: string;
    body?: JsonObject;
    headers?: Record<string, string>;
    text?: string;
  };
  readonly response?: { status: number; headers?: Record<string, string | string[]>; body?: JsonObject };
  readonly volatile?: string[];
  readonly unordered?: string[];
}

interface Case {
  readonly name: string;
  readonly steps: Step[];
}

export interface Outcome {
  /** `create/pod-minimal step 1: POST …` */
  readonly what: string;
  /** Empty when the answers agree. */
  readonly differences: string[];
}

interface Target {
  readonly resource: ResourceInfo;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

const decoder = new BodyDecoder(builtInSchemas(), () => {
  throw new Error('no custom resources here');
});

const TIME = '2026-11-21T04:00:00Z';
const NOW = Date.parse(TIME);
/** What the recording does not tell, as values that can be checked. */
const STAND_INS = [
  ['${ns}', 'oc-abcdefg'],
  ['<uid>', 'the-uid'],
  ['<clusterIP>', '10.96.0.77'],
  ['<time>', TIME],
  ['<microtime>', '2026-11-21T04:00:00.000000Z'],
] as const;
const UNSEEN = /^<(rv|age|nodePort|continue)>$/;

export function replayTopic(file: string): Outcome[] {
  let text = readFileSync(file, 'utf8');
  for (const [placeholder, value] of STAND_INS) text = text.replaceAll(placeholder, value);
  const { topic, cases } = JSON.parse(text) as {
    topic: string;
    cases: Case[];
  };
  return cases.flatMap((each) => replayCase(topic, each));
}

function replayCase(topic: string, { name, steps }: Case): Outcome[] {
  const stored = new Map<string, KubeObject>();
  const outcomes: Outcome[] = [];
  for (const [index, step] of steps.entries()) {
    const { request, response } = step;
    const target = request === undefined ? undefined : targetOf(request.path);
    if (request === undefined || response?.body === undefined || target === undefined) continue;
    const differences = replayStep(step, target, stored);
    if (differences === undefined) continue;
    outcomes.push({ what: `${topic}/${name} step ${index + 1}: ${request.method} ${request.path}`, differences });
  }
  return outcomes;
}

/** Undefined where the step does not concern the strategies. */
function replayStep(step: Step, target: Target, stored: Map<string, KubeObject>): string[] | undefined {
  const { request, response } = step;
  if (request === undefined || response?.body === undefined) return undefined;
  const expected = response.body;
  const strategy = strategyOf(target.resource);
  const key = (name: string) => `${target.resource.group}/${target.resource.plural}/${name}`;
  if (request.method === 'GET') {
    if (expected.kind === 'Table') return compareTable(expected, strategy, stored, key);
    if (response.status === 200 && isOwnKind(expected, target) && target.name !== undefined) {
      stored.set(key(target.name), cloneJson(expected));
    }
    return undefined;
  }
  const old = target.name === undefined ? undefined : stored.get(key(target.name));
  const wanted = requestedObject(request, old);
  const concerned = request.method === 'POST' ? target.name === undefined : old !== undefined && isOwn(target);
  let differences: string[] | undefined;
  if (wanted !== undefined && concerned && isAboutKinds(response.status, expected)) {
    const answer = answerOf(wanted, old, target, strategy);
    differences = compare(response, answer, step);
  }
  if (response.status < 300 && isOwnKind(expected, target)) {
    const name = (expected.metadata as JsonObject | undefined)?.name;
    if (typeof name === 'string') stored.set(key(name), cloneJson(expected));
  }
  return differences;
}

function isOwn({ subresource }: Target): boolean {
  return subresource === undefined || ['status', 'resize', 'ephemeralcontainers', 'approval'].includes(subresource);
}

function isOwnKind(body: JsonObject, { resource }: Target): boolean {
  return body.kind === resource.kind;
}

/** Conflicts, malformed bodies and what admission says are the registry's. */
function isAboutKinds(status: number, body: JsonObject): boolean {
  if (text(body.message).includes('must be specified for an update')) return false;
  return status === 422 ? body.reason === 'Invalid' && isObject(body.details) : status < 300;
}

function requestedObject(request: NonNullable<Step['request']>, old: KubeObject | undefined): KubeObject | undefined {
  const { method, body, headers = {} } = request;
  if (!isObject(body)) return undefined;
  if (method === 'POST' || method === 'PUT') return cloneJson(body);
  const type = headers['Content-Type'] ?? '';
  if (method !== 'PATCH' || old === undefined || !/merge-patch/.test(type) || /apply/.test(type)) return undefined;
  if (type.includes('strategic') && JSON.stringify(body).includes('[')) return undefined;
  return mergePatch(cloneJson(old) as unknown as JsonObject, body) as unknown as KubeObject;
}

function mergePatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key] ?? null, value);
  }
  return result;
}

type Answer = { readonly object: KubeObject; readonly warnings: string[] } | { readonly error: StatusError };

function answerOf(wanted: KubeObject, old: KubeObject | undefined, target: Target, strategy: KindStrategy): Answer {
  const context: StrategyContext = {
    now: NOW,
    randomText: (length) => 'x'.repeat(length),
    user: {
      username: 'admin',
      groups: ['system:masters', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=<hash>'] },
    },
    ...(target.subresource === undefined ? {} : { subresource: target.subresource }),
  };
  const object = decoder.decodeValue(wanted as unknown as JsonObject, target.resource).object;
  object.metadata ??= {};
  if (target.namespace !== undefined) object.metadata.namespace ??= target.namespace;
  try {
    strategy.setDefaults?.(object);
  } catch (error) {
    if (error instanceof StatusError) return { error };
    throw error;
  }
  const errors =
    old === undefined ? createErrors(object, strategy, context) : updateErrors(object, old, strategy, context);
  if (errors.length > 0) return { error: invalidObject(target.resource, object.metadata.name ?? '', errors) };
  const { deprecation } = strategy;
  const warnings = [...(deprecation === undefined ? [] : [deprecation]), ...(strategy.warnings?.(object, old) ?? [])];
  return { object, warnings };
}

function createErrors(object: KubeObject, strategy: KindStrategy, context: StrategyContext): FieldError[] {
  object.metadata = { ...object.metadata, uid: 'the-uid' };
  strategy.prepareForCreate?.(object, context);
  if (object.metadata?.generateName !== undefined) object.metadata.name ??= `${object.metadata.generateName}xxxxx`;
  return strategy.validate?.(object, context) ?? [];
}

function updateErrors(
  object: KubeObject,
  oldObject: KubeObject,
  strategy: KindStrategy,
  context: StrategyContext,
): FieldError[] {
  const old = cloneJson(oldObject);
  object.metadata ??= {};
  for (const member of ['creationTimestamp', 'uid', 'namespace', 'generation', 'managedFields'] as const) {
    if (object.metadata[member] === undefined && old.metadata?.[member] !== undefined) {
      Object.assign(object.metadata, { [member]: old.metadata[member] });
    }
  }
  strategy.prepareForUpdate?.(object, old, context);
  return strategy.validateUpdate?.(object, old, context) ?? [];
}

function compare(response: NonNullable<Step['response']>, answer: Answer, step: Step): string[] {
  const expected = response.body ?? {};
  if ('error' in answer) {
    if (response.status !== 422) return [`expected ${response.status}, got ${answer.error.message}`];
    const got = answer.error.toStatus();
    const volatile = (step.volatile ?? []).length > 0;
    if (!volatile && expected.message !== got.message)
      return [`expected ${text(expected.message)}`, `     got ${got.message}`];
    return volatile
      ? []
      : differencesOf(expected.details, JSON.parse(JSON.stringify(got.details)) as JsonValue, 'details');
  }
  if (response.status === 422) return [`expected ${text(expected.message)}`, '     got success'];
  const texts = [response.headers?.Warning ?? response.headers?.warning ?? []].flat().map(warningText);
  return [
    ...differencesOf(withoutForeign(expected), withoutForeign(dropUndefined(answer.object)), ''),
    ...differencesOf(texts.filter(isOfKinds), answer.warnings, 'warnings'),
  ];
}

function warningText(header: string): string {
  return JSON.parse(header.replace(/^299 - /, '')) as string;
}

/** PodSecurity and the service account admission warn too. */
function isOfKinds(text: string): boolean {
  return !/PodSecurity|would violate|unknown field|duplicate field/.test(text);
}

function compareTable(
  expected: JsonObject,
  strategy: KindStrategy,
  stored: Map<string, KubeObject>,
  key: (name: string) => string,
): string[] | undefined {
  const { table } = strategy;
  if (table === undefined || isScale(expected)) return undefined;
  const differences: string[] = [];
  if (expected.columnDefinitions !== undefined) {
    differences.push(
      ...differencesOf(expected.columnDefinitions ?? null, cloneJson(table.columns) as unknown as JsonValue, 'columns'),
    );
  }
  for (const row of (expected.rows ?? []) as JsonObject[]) {
    const column = table.columns.findIndex(({ format }) => format === 'name');
    const object = stored.get(key(text((row.cells as JsonValue[])[column])));
    if (object === undefined) continue;
    const cells = dropUndefined(table.cells(object, NOW));
    const got = (cells as JsonValue[]).map((cell, index) => {
      const name = table.columns[index]?.name ?? '';
      return /^(Age|Last Seen|First Seen)$/.test(name) ? '<age>' : cell;
    });
    differences.push(...differencesOf(row.cells ?? null, got, 'cells'));
    differences.push(
      ...differencesOf(
        row.conditions ?? [],
        cloneJson(table.conditions?.(object) ?? []) as unknown as JsonValue,
        'conditions',
      ),
    );
  }
  return differences;
}

function isScale(table: JsonObject): boolean {
  const columns = (table.columnDefinitions ?? []) as JsonObject[];
  return columns.length === 4 && columns[1]?.name === 'Desired' && columns[2]?.name === 'Available';
}

/** `expected` against `got`, as lines with a path. */
function differencesOf(expected: JsonValue | undefined, got: JsonValue | undefined, path: string): string[] {
  if (typeof expected === 'string' && UNSEEN.test(expected) && got !== undefined) return [];
  if (isObject(expected) && isObject(got)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(got)]);
    return [...keys].flatMap((key) => differencesOf(expected[key], got[key], `${path}/${key}`));
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    return expected.flatMap((item, index) => differencesOf(item, got[index], `${path}/${index}`));
  }
  const [one, other] = [JSON.stringify(expected), JSON.stringify(got)];
  return one === other ? [] : [`${path}: expected ${one} got ${other}`];
}

function targetOf(path: string): Target | undefined {
  const [bare = ''] = path.split('?');
  const parts = bare.split('/').filter((part) => part !== '');
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') return undefined;
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]];
  let rest = parts.slice(core ? 2 : 3);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')) {
    namespace = rest[1];
    rest = rest.slice(2);
  }
  const [plural, name, subresource] = rest;
  const resource = BUILT_IN_RESOURCES.find(
    (info) => info.group === group && info.version === version && info.plural === plural,
  );
  return resource === undefined || plural?.endsWith('reviews') === true
    ? undefined
    : { resource, namespace, name: name === undefined ? undefined : decodeURIComponent(name), subresource };
}

function dropUndefined(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

/** Without what the registry, admission and allocators set. */
function withoutForeign(value: JsonValue): JsonValue {
  const object = cloneJson(value) as JsonObject;
  delete object.apiVersion;
  delete object.kind;
  const metadata = object.metadata as JsonObject;
  for (const member of ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'namespace', 'name'])
    delete metadata[member];
  const kind = isObject(value) ? value.kind : undefined;
  if (kind === 'Pod' || isObject((object.spec as JsonObject | undefined)?.containers ?? null)) stripPod(object);
  if (kind === 'Service') stripService(object);
  if (kind === 'Node') delete (object.spec as JsonObject).taints;
  return object;
}

function stripPod(object: JsonObject): void {
  const spec = object.spec as JsonObject;
  for (const member of ['tolerations', 'priority', 'preemptionPolicy', 'serviceAccount', 'serviceAccountName'])
    delete spec[member];
  delete spec.imagePullSecrets;
  const isToken = (item: JsonValue) => isObject(item) && text(item.name).startsWith('kube-api-access-');
  const drop = (owner: JsonObject, member: string) => {
    const list = ((owner[member] ?? []) as JsonValue[]).filter((item) => !isToken(item));
    if (list.length === 0) delete owner[member];
    else owner[member] = list;
  };
  drop(spec, 'volumes');
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const container of (spec[list] ?? []) as JsonObject[]) drop(container, 'volumeMounts');
  }
}

function stripService(object: JsonObject): void {
  const spec = object.spec as JsonObject;
  for (const member of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'healthCheckNodePort'])
    delete spec[member];
  for (const port of (spec.ports ?? []) as JsonObject[]) delete port.nodePort;
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
