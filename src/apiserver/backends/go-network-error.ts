/** What Go says where Node reports that a connection failed: administrators know, and search for, those words. */
import { isIPv6 } from 'node:net';
import { errorCode, messageOf } from '../../base/errors.ts';

interface NetworkError {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly reason?: string;
  readonly errors?: readonly unknown[];
  readonly cert?: { readonly subjectaltname?: string };
  readonly host?: string;
}

const CONNECT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
  ETIMEDOUT: 'i/o timeout',
};

const UNVERIFIED = 'tls: failed to verify certificate: x509:';
const UNKNOWN_AUTHORITY = `${UNVERIFIED} certificate signed by unknown authority`;
const CERTIFICATE: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: `${UNVERIFIED} certificate has expired or is not yet valid`,
  CERT_NOT_YET_VALID: `${UNVERIFIED} certificate has expired or is not yet valid`,
};

/** `dial tcp 127.0.0.1:1: connect: connection refused`; what is not known is told in Node's words. */
export function goNetworkError(error: unknown): string {
  const known = (error ?? {}) as NetworkError;
  const [first] = known.errors ?? [];
  // Several addresses were tried: the first is the one that Go would tell.
  if (first !== undefined) return goNetworkError(first);
  const code = errorCode(error) ?? '';
  const connect = CONNECT[code];
  if (connect !== undefined && known.address !== undefined) {
    const host = isIPv6(known.address) ? `[${known.address}]` : known.address;
    return `dial tcp ${host}:${known.port ?? 0}: ${connect}`;
  }
  const certificate = CERTIFICATE[code];
  if (certificate !== undefined) return certificate;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${known.hostname ?? ''}: no such host`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${UNVERIFIED} ${wrongName(known)}`;
    case 'ECONNRESET':
      return 'EOF';
    case 'EPROTO':
      return 'http: server gave HTTP response to HTTPS client';
    default:
      return messageOf(error);
  }
}

function wrongName({ cert, host = '' }: NetworkError): string {
  const names = (cert?.subjectaltname ?? '').split(', ').map((entry) => entry.replace(/^[^:]*:/, ''));
  return `certificate is valid for ${names.join(', ')}, not ${host}`;
}
