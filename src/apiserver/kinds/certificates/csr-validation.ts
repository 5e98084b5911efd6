/** Validation of certificate requests: upstream `pkg/apis/certificates/validation/validation.go`. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import type { CertificateSigningRequestDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, isEmpty, oneOf } from '../validation/checks.ts';

type Condition = NonNullable<NonNullable<CertificateSigningRequestDraft['status']>['conditions']>[number];

const MIN_SECONDS = 600;
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

export function csrErrors({ spec = {} }: CertificateSigningRequestDraft): FieldError[] {
  const { request, usages, signerName, expirationSeconds } = spec;
  const seen = new Set<string>();
  return [
    ...(isCertificateRequest(request)
      ? []
      : [invalid('spec.request', isEmpty(request) ? null : request, 'PEM block type must be CERTIFICATE REQUEST')]),
    ...((usages ?? []).length === 0 ? [required('spec.usages')] : []),
    ...each(usages, 'spec.usages', (usage, path) => {
      const errors = oneOf(path, usage, USAGES, 'unsupported');
      if (seen.has(usage)) errors.push(duplicate(path, usage));
      seen.add(usage);
      return errors;
    }),
    ...signerErrors(signerName ?? '', 'spec.signerName'),
    ...(expirationSeconds !== undefined && expirationSeconds < MIN_SECONDS
      ? [
          invalid(
            'spec.expirationSeconds',
            expirationSeconds,
            `may not specify a duration less than ${MIN_SECONDS} seconds (10 minutes)`,
          ),
        ]
      : []),
  ];
}

function isCertificateRequest(request: string | undefined): boolean {
  const text = Buffer.from(request ?? '', 'base64').toString();
  return /-----BEGIN (NEW )?CERTIFICATE REQUEST-----[\s\S]+-----END (NEW )?CERTIFICATE REQUEST-----/.test(text);
}

const SIGNER_FORM = "must be a fully qualified domain and path of the form 'example.com/signer-name'";

function signerErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', ...rest] = name.split('/');
  const pathPart = rest.join('/');
  if (rest.length !== 1) return [invalid(path, name, SIGNER_FORM)];
  const errors = dns1123SubdomainErrors(domain).map((detail) =>
    invalid(path, domain, `validating label "${domain}": ${detail}`),
  );
  if (!domain.includes('.'))
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  errors.push(
    ...dns1123SubdomainErrors(pathPart).map((detail) =>
      invalid(path, pathPart, `validating label "${pathPart}": ${detail}`),
    ),
  );
  return errors;
}

export function csrUpdateErrors(
  object: CertificateSigningRequestDraft,
  old: CertificateSigningRequestDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  const conditions = object.status?.conditions;
  const errors = [...csrErrors(object), ...conditionErrors(conditions)];
  if (subresource === undefined) return errors;
  const added = subresource === 'approval' ? [] : ['Approved', 'Denied'];
  return [
    ...errors,
    ...keptConditionErrors(conditions, old.status?.conditions, added),
    ...certificateErrors(object.status?.certificate, old.status?.certificate),
  ];
}

function conditionErrors(conditions: readonly Condition[] | undefined): FieldError[] {
  const seen = new Set<string>();
  const path = 'status.conditions';
  const errors = each(conditions, path, ({ type = '', status }, path) => {
    const found: FieldError[] = type === '' ? [required(`${path}.type`)] : [];
    if (['Approved', 'Denied', 'Failed'].includes(type))
      found.push(...oneOf(`${path}.status`, status, ['True'], 'required'));
    else found.push(...oneOf(`${path}.status`, status, ['False', 'True', 'Unknown'], 'required'));
    if (seen.has(type)) found.push(duplicate(`${path}.type`, type));
    seen.add(type);
    return found;
  });
  const exclusive = (conditions ?? []).filter(({ type }) => type === 'Approved' || type === 'Denied');
  const second = exclusive.find(({ type }) => type !== exclusive[0]?.type);
  if (second === undefined) return errors;
  return [invalid(path, second.type, 'Approved and Denied conditions are mutually exclusive'), ...errors];
}

/** Conditions once made stay; only the approver adds those of approval. */
function keptConditionErrors(
  now: readonly Condition[] | undefined,
  before: readonly Condition[] | undefined,
  notToAdd: readonly string[],
): FieldError[] {
  const path = 'status.conditions';
  return ['Approved', 'Denied', 'Failed'].flatMap((type) => {
    const has = (list: readonly Condition[] | undefined) => (list ?? []).filter((each) => each.type === type);
    const [kept, old] = [has(now), has(before)];
    if (kept.length < old.length) {
      return [forbiddenField(path, `updates may not remove a condition of type "${type}"`)];
    }
    if (!notToAdd.includes(type)) return [];
    if (kept.length > old.length) return [forbiddenField(path, `updates may not add a condition of type "${type}"`)];
    return equalJson(kept, old) ? [] : [forbiddenField(path, `updates may not modify a condition of type "${type}"`)];
  });
}

function certificateErrors(certificate: string | undefined, old: string | undefined): FieldError[] {
  const path = 'status.certificate';
  if (isEmpty(certificate) || certificate === old) return [];
  if (!isEmpty(old)) return [forbiddenField(path, 'updates may not set certificate content if one exists already')];
  const text = Buffer.from(certificate, 'base64').toString();
  if (text.includes('-----BEGIN CERTIFICATE-----')) return [];
  return [invalid(path, '<certificate data>', 'must contain at least one CERTIFICATE PEM block')];
}
