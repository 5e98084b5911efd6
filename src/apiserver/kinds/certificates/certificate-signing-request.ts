/** Certificate requests. Rules: upstream `pkg/registry/certificates/certificates/strategy.go`. */
import { csrErrors, csrUpdateErrors } from './csr-validation.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { CertificateSigningRequestDraft } from '../models.ts';
import { keep, keepMetadata } from '../status-rules.ts';
import type { StrategyContext } from '../strategy.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf, humanDuration } from '../table/duration.ts';

export const certificateSigningRequest = defineKind<CertificateSigningRequestDraft>({
  // A request is for once: its author owns nothing of it.
  objectLeaves: [['spec'], ['status']],
  validate: csrErrors,
  validateUpdate: csrUpdateErrors,
  nameErrors: pathSegmentErrors,
  prepareForCreate(object, { user }) {
    object.spec ??= {};
    const { spec } = object;
    for (const member of ['username', 'uid', 'groups', 'extra'] as const) delete spec[member];
    if (user !== undefined) {
      spec.username = user.username;
      if ((user.uid ?? '') !== '') spec.uid = user.uid ?? '';
      if ((user.groups ?? []).length > 0) spec.groups = [...(user.groups ?? [])];
      const extra = Object.entries(user.extra ?? {}).map(([key, values]): [string, string[]] => [key, [...values]]);
      if (extra.length > 0) spec.extra = Object.fromEntries(extra);
    }
    object.status = {};
  },
  prepareForUpdate,
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
  table: {
    columns: COLUMNS['certificates.k8s.io/certificatesigningrequests'],
    cells: (object, now) => [
      object.metadata?.name,
      ageOf(object, now),
      object.spec?.signerName ?? '<none>',
      object.spec?.username ?? '',
      object.spec?.expirationSeconds === undefined ? '<none>' : humanDuration(object.spec.expirationSeconds * 1000),
      conditionText(object),
    ],
  },
});

function prepareForUpdate(
  object: CertificateSigningRequestDraft,
  old: CertificateSigningRequestDraft,
  context: StrategyContext,
): void {
  keep(object, old, 'spec');
  if (context.subresource === undefined) {
    keep(object, old, 'status');
    return;
  }
  keepMetadata(object, old);
  const conditions = object.status?.conditions;
  if (context.subresource === 'approval') {
    object.status = { ...old.status };
    delete object.status.conditions;
    if (conditions !== undefined) object.status.conditions = conditions;
  }
  stampConditions(object, old, context.now);
}

/** Conditions without times get them: when they were written, and when they changed. */
function stampConditions(
  object: CertificateSigningRequestDraft,
  old: CertificateSigningRequestDraft,
  now: number,
): void {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  for (const condition of object.status?.conditions ?? []) {
    condition.lastUpdateTime ??= time;
    const before = (old.status?.conditions ?? []).find(({ type }) => type === condition.type);
    const unchanged = before?.status === condition.status ? before?.lastTransitionTime : undefined;
    condition.lastTransitionTime ??= unchanged ?? time;
  }
}

function conditionText({ status }: CertificateSigningRequestDraft): string {
  const types = new Set((status?.conditions ?? []).map(({ type }) => type));
  const words: string[] = [types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'];
  if (types.has('Failed')) words.push('Failed');
  if ((status?.certificate ?? '') !== '') words.push('Issued');
  return words.join(',');
}
