/** Where a certificate request stands, and what it asks for. Pure. */
import { isConditionTrue } from '../../api/conditions.ts';
import type { CertificateSigningRequest } from '../../api/kinds.ts';
import { type CertificateRequest, readCertificateRequest } from '../../pki/index.ts';

type CsrCondition = NonNullable<NonNullable<CertificateSigningRequest['status']>['conditions']>[number];

export function hasCertificate({ status }: CertificateSigningRequest): boolean {
  return (status?.certificate ?? '') !== '';
}

export function isApproved({ status }: CertificateSigningRequest): boolean {
  return isConditionTrue(status?.conditions, 'Approved');
}

export function isDenied({ status }: CertificateSigningRequest): boolean {
  return isConditionTrue(status?.conditions, 'Denied');
}

export function isFailed({ status }: CertificateSigningRequest): boolean {
  return isConditionTrue(status?.conditions, 'Failed');
}

/** Throws CertificateRequestError. */
export function requestIn({ spec }: CertificateSigningRequest): CertificateRequest {
  return readCertificateRequest(Buffer.from(spec.request, 'base64').toString());
}

/** The same with one more condition; the API server says when it came. */
export function withOneMore(csr: CertificateSigningRequest, condition: CsrCondition): CertificateSigningRequest {
  return { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), condition] } };
}
