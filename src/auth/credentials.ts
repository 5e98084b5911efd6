/** What a request shows of who asks. */
import type { Caller } from '../api/caller.ts';
import { StatusError } from '../api/status-error.ts';

export const AUTHENTICATED = 'system:authenticated';
export const ANONYMOUS: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The subject of a client certificate. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

/** The common name is the user, the organizations are the groups. */
export function certificateCaller({ commonName, organizations, fingerprint }: CertificateSubject): Caller {
  return {
    name: commonName,
    groups: [...organizations, AUTHENTICATED],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

/** Undefined for other schemes and for an empty token: those count as none. */
export function bearerToken(header: string | undefined): string | undefined {
  const [scheme = '', token = ''] = (header ?? '').trim().split(/ +/);
  return scheme.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** The client learns nothing of the cause, which is for the log. */
export function unauthorized(cause?: unknown): StatusError {
  return new StatusError('Unauthorized', 'Unauthorized', { cause });
}
