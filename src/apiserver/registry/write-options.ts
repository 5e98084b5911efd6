/** The options of writes, from the query and, for deletes, from the body. */
import { forbiddenField, invalidObject, required, type FieldError } from '../../api/field-error.ts';
import { badRequest } from '../../api/status-error.ts';
import type { FieldValidation } from '../schema/index.ts';
import type { DeletionOptions, PropagationPolicy } from './deletion.ts';

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
}

const META_GROUP = 'meta.k8s.io';
const MAX_MANAGER_LENGTH = 128;
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** Throws Invalid. `userAgent` names the manager where the client does not. */
export function writeOptions(kind: OptionsKind, query: URLSearchParams, userAgent: string): WriteOptions {
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun');
  errors.push(...dryRunErrors(dryRun));
  const fieldManager = query.get('fieldManager') ?? '';
  errors.push(...managerErrors(fieldManager));
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(unsupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS));
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager === '' ? managerOf(userAgent) : fieldManager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
  };
}

/** An apply names its manager; only an apply can be forced. Throws Invalid. */
export function assertPatchOptions(query: URLSearchParams, format: string): void {
  const errors: FieldError[] = [];
  if (format === 'apply' && (query.get('fieldManager') ?? '') === '') {
    errors.push(required('fieldManager', 'is required for apply patch'));
  }
  if (format !== 'apply' && query.has('force')) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'));
  }
  if (errors.length > 0) throw invalidOptions('PatchOptions', errors);
}

export function invalidOptions(kind: string, errors: readonly FieldError[]) {
  return invalidObject({ group: META_GROUP, kind }, '', errors);
}

/** `kubectl` of `kubectl/v1.33.1 (linux/amd64) …`. */
function managerOf(userAgent: string): string {
  const name = userAgent.split('/', 1)[0] ?? '';
  // eslint-disable-next-line no-control-regex -- what cannot be shown cannot be a name
  return name.replaceAll(/[^\x20-\x7e]/g, '').slice(0, MAX_MANAGER_LENGTH) || 'unknown';
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > MAX_MANAGER_LENGTH) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      message: `Too long: may not be more than ${MAX_MANAGER_LENGTH} bytes`,
    });
  }
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(manager)) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'fieldManager',
      message: `Invalid value: ${JSON.stringify(manager)}: should only contain printable characters`,
    });
  }
  return errors;
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every((value) => value === 'All')) return [];
  return [
    {
      type: 'FieldValueNotSupported',
      field: 'dryRun',
      message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    },
  ];
}

function unsupported(field: string, value: string, supported: readonly string[]): FieldError {
  const list = supported.map((each) => JSON.stringify(each)).join(', ');
  return {
    type: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}`,
  };
}

/** `metav1.DeleteOptions` on the wire. */
export interface DeleteOptionsBody {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

export function deleteOptionsOf(query: URLSearchParams): DeleteOptionsBody {
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  const dryRun = query.getAll('dryRun');
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: integerOf(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === null ? {} : { orphanDependents: orphan === 'true' || orphan === '1' }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  };
}

export type CheckedDeletion = DeletionOptions & { readonly dryRun: boolean };

/** Throws Invalid. */
export function checkedDeletion(options: DeleteOptionsBody): CheckedDeletion {
  const { propagationPolicy, orphanDependents, gracePeriodSeconds, preconditions, dryRun = [] } = options;
  const errors = dryRunErrors(dryRun);
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy)) {
    errors.push(unsupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']));
  }
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  const old = orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background';
  return {
    gracePeriodSeconds,
    preconditions,
    propagationPolicy: (propagationPolicy as PropagationPolicy | undefined) ?? old,
    dryRun: dryRun.length > 0,
  };
}

/** Throws BadRequest. */
export function integerOf(text: string): number {
  if (text === '') return 0;
  const parsing = `strconv.ParseInt: parsing ${JSON.stringify(text)}`;
  if (!/^-?\d+$/.test(text)) throw badRequest(`${parsing}: invalid syntax`);
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) throw badRequest(`${parsing}: value out of range`);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
}
