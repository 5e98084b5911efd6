import { X509Certificate } from 'node:crypto';
import type { CertificateSigningRequest } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import type { Plan } from '../../client/index.ts';
import { type CertificateRequest, signRequest } from '../../pki/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { CERTIFICATE_SIGNING_REQUESTS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { hasCertificate, isApproved, isDenied, isFailed, requestIn, withOneMore } from './request-state.ts';
import { SIGNERS } from './signer-rules.ts';

/** Upstream's defaults: `--cluster-signing-duration`, and what clocks may be apart. */
const MAX_SECONDS = 365 * 24 * 3600;
const BACKDATE_SECONDS = 5 * 60;
const MIN_SECONDS = 2 * BACKDATE_SECONDS;
/** Up to this duration all of it lies ahead; longer ones are shortened by the backdate. */
const SHORT_SECONDS = 8 * 3600;

export interface SigningState {
  readonly csr: CertificateSigningRequest;
  /** Milliseconds since the epoch: no certificate outlives its authority. */
  readonly authorityEnds: number;
}

export type SigningAction =
  | {
      readonly kind: 'sign';
      readonly reason: string;
      readonly csr: CertificateSigningRequest;
      readonly request: CertificateRequest;
      readonly notBefore: number;
      readonly notAfter: number;
    }
  | { readonly kind: 'fail'; readonly reason: string; readonly csr: CertificateSigningRequest };

/** Signs what is approved and within the rules of its signer; what is not is told to have failed. */
export function planSigning({ csr, authorityEnds }: SigningState, now: number): Plan<SigningAction> {
  const rule = SIGNERS[csr.spec.signerName];
  const settled = hasCertificate(csr) || isFailed(csr) || isDenied(csr);
  if (rule === undefined || settled || !isApproved(csr)) return { actions: [] };
  let request: CertificateRequest;
  try {
    request = requestIn(csr);
  } catch (error) {
    return { actions: [{ kind: 'fail', reason: `unable to parse csr: ${messageOf(error)}`, csr }] };
  }
  const problem = rule(request, csr.spec.usages ?? []);
  if (problem !== undefined) return { actions: [{ kind: 'fail', reason: problem, csr }] };
  const times = validity(csr.spec.expirationSeconds, now, authorityEnds);
  return { actions: [{ kind: 'sign', reason: 'it is approved', csr, request, ...times }] };
}

function validity(asked: number | undefined, now: number, authorityEnds: number) {
  const seconds = Math.min(Math.max(asked ?? MAX_SECONDS, MIN_SECONDS), MAX_SECONDS);
  const ahead = seconds <= SHORT_SECONDS ? seconds : seconds - BACKDATE_SECONDS;
  return {
    notBefore: now - BACKDATE_SECONDS * 1000,
    notAfter: Math.min(now + ahead * 1000, authorityEnds),
  };
}

/** Upstream's four signers, over the site's own authority. Without one nothing is signed here. */
export function csrSigningController(context: ControllerContext): Controller {
  const { client, informers, authority } = context;
  const requests = informers.for<CertificateSigningRequest>(CERTIFICATE_SIGNING_REQUESTS);
  const authorityEnds = authority === undefined ? 0 : Date.parse(new X509Certificate(authority.certPem).validTo);
  const read = (name: string): SigningState | undefined => {
    const csr = requests.objects.get(name);
    return authority && csr && { csr, authorityEnds };
  };
  const put = async (csr: CertificateSigningRequest, signal: AbortSignal): Promise<void> => {
    const target = { ...targetOf(csr), subresource: 'status' };
    await unlessGone(client.update(CERTIFICATE_SIGNING_REQUESTS, target, csr, signal));
  };
  const executors = {
    sign: async (action: Extract<SigningAction, { kind: 'sign' }>, signal: AbortSignal) => {
      if (authority === undefined) return;
      const { csr, request, notBefore, notAfter } = action;
      const pem = signRequest(authority, request, { usages: csr.spec.usages ?? [], notBefore, notAfter });
      await put({ ...csr, status: { ...csr.status, certificate: Buffer.from(pem).toString('base64') } }, signal);
    },
    fail: async ({ csr, reason: message }: SigningAction, signal: AbortSignal) => {
      const condition = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message };
      await put(withOneMore(csr, condition), signal);
    },
  };
  return reconciling(context, { name: 'csr-signing', read, plan: planSigning, executors }, [
    onChange(requests, ({ metadata }) => [metadata?.name ?? '']),
  ]);
}
