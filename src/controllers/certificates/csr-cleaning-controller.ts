import { X509Certificate } from 'node:crypto';
import { findCondition } from '../../api/conditions.ts';
import type { CertificateSigningRequest } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { hasCertificate } from './request-state.ts';

/** Upstream's `csrcleaner`. */
const SETTLED_MS = 3600_000;
const PENDING_MS = 24 * 3600_000;

export interface CleaningAction {
  readonly kind: 'delete';
  readonly reason: string;
  readonly csr: CertificateSigningRequest;
}

/** Requests are paper: an hour after they are settled, or a day after nobody looked at them, they go. */
export function planCleaning(csr: CertificateSigningRequest, now: number): Plan<CleaningAction> {
  const conditions = csr.status?.conditions;
  const end = (type: string, reason: string): { at: number; reason: string }[] => {
    const { lastUpdateTime } = findCondition(conditions, type) ?? {};
    return lastUpdateTime === undefined ? [] : [{ at: Date.parse(lastUpdateTime) + SETTLED_MS, reason }];
  };
  const created = Date.parse(csr.metadata?.creationTimestamp ?? '') || now;
  const ends = [
    ...(hasCertificate(csr) ? end('Approved', 'its certificate has been issued') : []),
    ...(hasCertificate(csr) ? [{ at: certificateEnd(csr), reason: 'its certificate has expired' }] : []),
    ...end('Denied', 'it was denied'),
    ...end('Failed', 'it has failed'),
    ...((conditions ?? []).length === 0 ? [{ at: created + PENDING_MS, reason: 'nobody decided on it' }] : []),
  ];
  const [next] = ends.sort((a, b) => a.at - b.at);
  if (next === undefined) return { actions: [] };
  if (next.at > now) return { actions: [], recheckAfterMs: next.at - now };
  return { actions: [{ kind: 'delete', reason: next.reason, csr }] };
}

function certificateEnd({ status }: CertificateSigningRequest): number {
  try {
    return Date.parse(new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64')).validTo);
  } catch {
    return Number.POSITIVE_INFINITY; // another signer's: its request goes by its age
  }
}

export function csrCleaningController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const requests = informers.for<CertificateSigningRequest>(CERTIFICATE_SIGNING_REQUESTS);
  const remove = async ({ csr }: CleaningAction, signal: AbortSignal): Promise<void> => {
    const { uid = '' } = csr.metadata ?? {};
    await unlessGone(client.delete(CERTIFICATE_SIGNING_REQUESTS, targetOf(csr), signal, { preconditions: { uid } }));
  };
  const reconciliation = {
    name: 'csr-cleaning',
    read: (name: string) => requests.objects.get(name),
    plan: planCleaning,
    executors: { delete: remove },
  };
  return reconciling(context, reconciliation, [onChange(requests, ({ metadata }) => [metadata?.name ?? ''])]);
}
