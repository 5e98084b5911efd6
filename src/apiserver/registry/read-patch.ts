/** From the bytes of a patch to its value, with upstream's words for what is no patch: `endpoints/handlers/patch.go`. */
import { isObject, type JsonValue } from '../../api/json.ts';
import { badRequest } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import {
  goKind,
  JsonSyntaxError,
  parseJsonBody,
  repeatedPaths,
  type FieldValidation,
  type ParsedBody,
} from '../schema/index.ts';

export type ReadableFormat = 'json' | 'merge' | 'strategic';

export interface ReadPatch {
  readonly value: JsonValue;
  /** What strict reading complains of. */
  readonly faults: readonly string[];
}

const MAP = 'Go value of type map[string]interface {}';
const OPERATION_MEMBERS = ['op', 'path', 'from', 'value'];

/** Throws BadRequest. */
export function readPatch(format: ReadableFormat, body: Uint8Array, validation: FieldValidation): ReadPatch {
  const strict = validation !== 'Ignore';
  // A strategic patch is read once, the others once more to find what strict reading complains of.
  const prefix = strict && format !== 'strategic' ? 'error decoding patch: ' : '';
  const parsed = parse(body, strict, prefix);
  const { value } = parsed;
  const repeated = parsed.repeated === undefined ? [] : repeatedPaths(value, parsed.repeated);
  if (format === 'json') return { value: value ?? [], faults: strict ? operationFaults(value, repeated, prefix) : [] };
  if (value === null) {
    if (format === 'merge') throw badRequest('Invalid JSON Patch');
    return { value: {}, faults: [] };
  }
  if (!isObject(value)) throw unfit(value, MAP, prefix);
  return { value, faults: repeated };
}

function parse(body: Uint8Array, repeated: boolean, prefix: string): ParsedBody {
  try {
    return parseJsonBody(body, { repeated });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw badRequest(prefix + messageOf(error));
  }
}

function operationFaults(value: JsonValue, repeated: readonly string[], prefix: string): string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw unfit(value, 'Go value of type []handlers.jsonPatchOp', prefix);
  const unknown = value.flatMap((operation, index) => {
    if (operation === null) return [];
    if (!isObject(operation)) throw unfit(operation, 'Go value of type handlers.jsonPatchOp', prefix);
    for (const member of ['op', 'path', 'from']) {
      const text = operation[member] ?? '';
      if (typeof text !== 'string') throw unfit(text, `Go struct field jsonPatchOp.${member} of type string`, prefix);
    }
    return Object.keys(operation)
      .filter((member) => !OPERATION_MEMBERS.includes(member))
      .map((member) => `unknown field "[${index}].${member}"`);
  });
  return [...repeated, ...unknown].map((fault) => `json patch ${fault}`);
}

function unfit(value: JsonValue, into: string, prefix: string): Error {
  return badRequest(`${prefix}json: cannot unmarshal ${goKind(value)} into ${into}`);
}
