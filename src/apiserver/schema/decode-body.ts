/** A request body → an object of its kind, with the answers that a kube-apiserver gives where it is none. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import { invalid, invalidObject } from '../../api/field-error.ts';
import type { KubeObject } from '../../api/object.ts';
import { apiVersionOf, type GroupVersionKind } from '../../api/resources.ts';
import { badRequest } from '../../api/status-error.ts';
import { JsonSyntaxError, type RepeatedKeys } from './go-json.ts';
import { goKind } from './go-values.ts';
import { parseJsonBody, type ParsedBody } from './parse-body.ts';
import { parseYamlBody, YamlSyntaxError } from './parse-yaml.ts';
import type { SchemaCatalog } from './schema-catalog.ts';
import { DecodeError, decodeTyped } from './typed-decoder.ts';

/** What becomes of unknown and repeated fields: `fieldValidation` of a request. Upstream's default is `Warn`. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface BodyRequest {
  readonly bytes: Uint8Array;
  readonly format: 'json' | 'yaml';
  /** The kind that the endpoint takes. */
  readonly kind: GroupVersionKind;
  readonly fieldValidation: FieldValidation;
}

export interface DecodedBody {
  readonly object: KubeObject;
  /** Texts of `Warning` headers. */
  readonly warnings: readonly string[];
}

/** Reads a custom resource; filled by the part that knows their schemas. Throws DecodeError. */
export type CustomDecoder = (
  value: JsonObject,
  kind: GroupVersionKind,
  repeated: RepeatedKeys | undefined,
) => { readonly value: JsonObject; readonly strictErrors: readonly string[] };

const SCHEME = 'pkg/api/legacyscheme/scheme.go:30';
/** As much of a body as an error shows. */
const SUMMARY_BYTES = 30;

export class BodyDecoder {
  readonly #catalog: SchemaCatalog;
  readonly #decodeCustom: CustomDecoder;

  constructor(catalog: SchemaCatalog, decodeCustom: CustomDecoder) {
    this.#catalog = catalog;
    this.#decodeCustom = decodeCustom;
  }

  /** Throws a StatusError (`BadRequest`). A body of `null` and one without kind are taken for an object of the kind. */
  decode({ bytes, format, kind, fieldValidation }: BodyRequest): DecodedBody {
    const parsed = parse(bytes, format, kind, fieldValidation !== 'Ignore');
    const body = parsed.value === null ? {} : parsed.value;
    if (this.#isCustom(kind)) assertNamesKind(body, bytes, kind);
    const actual = identify(body, bytes, kind);
    const { object, strictErrors } = this.#decodeAs(body as JsonObject, actual, kind, parsed.repeated);
    const all = [...(parsed.yamlProblems ?? []), ...strictErrors];
    if (fieldValidation === 'Strict' && all.length > 0) {
      throw unfit(actual, kind, `strict decoding error: ${all.join(', ')}`);
    }
    object.apiVersion = apiVersionOf(kind);
    object.kind = kind.kind;
    return { object, warnings: fieldValidation === 'Warn' ? all : [] };
  }

  /**
   * Reads a value that no longer is text, as a patch leaves it. Throws DecodeError, worded as upstream; the caller says of
   * what the value was the outcome.
   */
  decodeValue(
    value: JsonObject,
    kind: GroupVersionKind,
    repeated?: RepeatedKeys,
  ): { readonly object: KubeObject; readonly strictErrors: readonly string[] } {
    const entry = this.#catalog.entry(kind);
    if (entry === undefined) throw new DecodeError(notRegistered(kind));
    const decoded = entry.custom
      ? this.#decodeCustom(value, kind, repeated)
      : decodeTyped(value, entry.name, this.#catalog, repeated);
    return { object: decoded.value, strictErrors: decoded.strictErrors };
  }

  /** What a patch leaves must be readable as the kind by what it says it is. Throws DecodeError or Invalid. */
  assertKind(value: JsonObject, expected: GroupVersionKind): void {
    const actual = identify(value, new Uint8Array(), expected);
    if (this.#isCustom(expected)) return assertSameKind(actual, expected, value);
    const readAs = this.#readableAs(actual, expected);
    if (this.#catalog.entry(readAs) === undefined) throw new DecodeError(notRegistered(actual));
    if (readAs.kind !== expected.kind) throw new DecodeError(noConversion(readAs, expected));
  }

  #decodeAs(
    body: JsonObject,
    actual: GroupVersionKind,
    expected: GroupVersionKind,
    repeated: RepeatedKeys | undefined,
  ): { object: KubeObject; strictErrors: readonly string[] } {
    if (this.#isCustom(expected)) {
      assertSameVersion(actual, expected);
      assertSameKind(actual, expected, body);
    }
    const readAs = this.#readableAs(actual, expected);
    try {
      const decoded = this.decodeValue(body, readAs, repeated);
      if (readAs.kind !== expected.kind) throw new DecodeError(noConversion(readAs, expected));
      // Typed clients name the group and version that they are for.
      if (expected.kind !== 'DeleteOptions') assertSameVersion(actual, expected);
      return decoded;
    } catch (error) {
      throw error instanceof DecodeError ? unfit(actual, expected, error.message, error) : error;
    }
  }

  #isCustom(kind: GroupVersionKind): boolean {
    return this.#catalog.entry(kind)?.custom === true;
  }

  /** The known kind whose shape a body of kind `actual` has; itself where nothing is known of it. */
  #readableAs(actual: GroupVersionKind, expected: GroupVersionKind): GroupVersionKind {
    if (this.#catalog.entry(actual) !== undefined) return actual;
    if (actual.kind === 'List' && apiVersionOf(actual) === 'v1')
      throw unfit(actual, expected, noConversion(actual, expected));
    const others = RETIRED_VERSIONS[actual.group]?.includes(actual.version) === true;
    const groups = actual.group === 'extensions' ? EXTENSIONS_WENT_TO : [actual.group];
    for (const group of others ? groups : []) {
      const successor = { group, version: 'v1', kind: actual.kind };
      if (this.#catalog.entry(successor)?.custom === false) return successor;
    }
    return actual;
  }
}

function assertSameVersion(actual: GroupVersionKind, expected: GroupVersionKind): void {
  const [given, wanted] = [apiVersionOf(actual), apiVersionOf(expected)];
  if (given === wanted) return;
  throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
}

/** Objects of custom kinds are read whatever they say they are, and refused then. */
function assertSameKind(actual: GroupVersionKind, expected: GroupVersionKind, { metadata }: KubeObject): void {
  if (actual.kind === expected.kind) return;
  const error = invalid('kind', actual.kind, `must be ${expected.kind}`);
  throw invalidObject({ group: expected.group, kind: actual.kind }, metadata?.name ?? '', [error]);
}

/** Nothing but the object itself says of what kind it is. */
function assertNamesKind(body: JsonValue, bytes: Uint8Array, expected: GroupVersionKind): void {
  if (!isObject(body) || (body.kind ?? '') !== '') return;
  throw unrecognized(bytes, expected, `Object 'Kind' is missing in '${Buffer.from(bytes).toString()}'`);
}

/** Versions that upstream's scheme still reads though it no longer serves them. */
const RETIRED_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io': ['v1alpha1', 'v1beta1'],
  'apiextensions.k8s.io': ['v1beta1'],
  'apiregistration.k8s.io': ['v1beta1'],
  apps: ['v1beta1', 'v1beta2'],
  'authentication.k8s.io': ['v1alpha1', 'v1beta1'],
  'authorization.k8s.io': ['v1beta1'],
  batch: ['v1beta1'],
  'certificates.k8s.io': ['v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1alpha2', 'v1beta1'],
  'discovery.k8s.io': ['v1beta1'],
  'events.k8s.io': ['v1beta1'],
  extensions: ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'networking.k8s.io': ['v1beta1'],
  'node.k8s.io': ['v1alpha1', 'v1beta1'],
  policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1alpha1', 'v1beta1'],
  'resource.k8s.io': ['v1alpha3', 'v1beta1', 'v1beta2'],
  'scheduling.k8s.io': ['v1alpha1', 'v1beta1'],
  'storage.k8s.io': ['v1alpha1', 'v1beta1'],
};
const EXTENSIONS_WENT_TO = ['apps', 'networking.k8s.io'];

function parse(bytes: Uint8Array, format: 'json' | 'yaml', expected: GroupVersionKind, repeated: boolean): ParsedBody {
  try {
    return format === 'yaml' ? parseYamlBody(bytes) : parseJsonBody(bytes, { repeated });
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw unrecognized(bytes, expected, error.message);
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw unrecognized(bytes, expected, `couldn't get version/kind; json parse error: ${error.message}`);
  }
}

/** The kind that the body says it is, with what it leaves out taken from `expected`. */
function identify(body: JsonValue, bytes: Uint8Array, expected: GroupVersionKind): GroupVersionKind {
  const problem = headProblem(body);
  if (problem !== undefined) {
    throw unrecognized(
      bytes,
      expected,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${problem}`,
    );
  }
  const { apiVersion, kind } = body as { apiVersion?: string | null; kind?: string | null };
  const parts = (apiVersion ?? '').split('/');
  if (parts.length > 2) throw unrecognized(bytes, expected, `unexpected GroupVersion string: ${apiVersion}`);
  const [group = '', version = ''] = parts.length === 2 ? parts : ['', ...parts];
  const named = { group, version, kind: kind === undefined || kind === null || kind === '' ? expected.kind : kind };
  if (version !== '') return named;
  return group === '' || group === expected.group
    ? { ...named, group: expected.group, version: expected.version }
    : named;
}

function headProblem(body: JsonValue): string | undefined {
  if (!isObject(body)) {
    const members = String.raw`APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\""`;
    return `${goKind(body)} into Go value of type struct { ${members} }`;
  }
  for (const field of ['apiVersion', 'kind']) {
    const value = body[field];
    if (value !== undefined && value !== null && typeof value !== 'string') {
      return `${goKind(value)} into Go struct field .${field} of type string`;
    }
  }
  return undefined;
}

function unrecognized(bytes: Uint8Array, expected: GroupVersionKind, why: string): Error {
  return badRequest(
    `the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(bytes)})`,
  );
}

function summary(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const encoding = bytes[0] === 0x7b ? 'utf8' : 'hex';
  const shown = Buffer.from(bytes.subarray(0, SUMMARY_BYTES)).toString(encoding);
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown;
}

function unfit(actual: GroupVersionKind, expected: GroupVersionKind, why: string, cause?: unknown): Error {
  const error = badRequest(
    `${actual.kind} in version "${actual.version}" cannot be handled as a ${expected.kind}: ${why}`,
  );
  if (cause !== undefined) error.cause = cause;
  return error;
}

function notRegistered(kind: GroupVersionKind): string {
  return `no kind "${kind.kind}" is registered for version "${apiVersionOf(kind)}" in scheme "${SCHEME}"`;
}

/** `converting (v1.Secret) to (core.ConfigMap): unknown conversion` */
function noConversion(from: GroupVersionKind, to: GroupVersionKind): string {
  const internal = to.group === '' ? 'core' : to.group.split('.', 1)[0];
  return `converting (${from.version}.${from.kind}) to (${internal}.${to.kind}): unknown conversion`;
}
