/** Who may approve and sign certificate requests, and what nobody gets: upstream `plugin/pkg/admission/certificates`. */
import { equalJson } from '../../api/json.ts';
import type { CertificateSigningRequest } from '../../api/kinds.ts';
import { forbidden, type StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import { type Authorizer, resourceAttributes } from '../../auth/index.ts';
import type { Caller } from '../../client/index.ts';
import { type CertificateRequest, readCertificateRequest } from '../../pki/index.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const GROUP = 'certificates.k8s.io';
const PLURAL = 'certificatesigningrequests';
const API_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

/** In upstream's order. */
export function certificatePlugins(authorizer: Authorizer): AdmissionPlugin[] {
  return [
    {
      name: 'CertificateApproval',
      validate: (request) => {
        if (!isCsr(request, 'approval')) return;
        const { signerName } = csrOf(request.object).spec;
        if (mayUse(authorizer, request.caller, 'approve', signerName)) return;
        throw refused(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`);
      },
    },
    {
      name: 'CertificateSigning',
      validate: (request) => {
        if (!isCsr(request, 'status') || sameOutcome(request)) return;
        const { signerName } = csrOf(request.oldObject).spec;
        if (mayUse(authorizer, request.caller, 'sign', signerName)) return;
        throw refused(request, `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`);
      },
    },
    { name: 'CertificateSubjectRestriction', validate: assertNoMaster },
  ];
}

/** Who is in `system:masters` may do everything, for ever: that is not handed out on request. */
function assertNoMaster(request: AdmissionRequest): void {
  if (request.operation !== 'CREATE' || !isCsr(request, '')) return;
  const { spec } = csrOf(request.object);
  if (spec.signerName !== API_CLIENT_SIGNER) return;
  let asked: CertificateRequest;
  try {
    asked = readCertificateRequest(Buffer.from(spec.request, 'base64').toString());
  } catch (error) {
    throw refused(request, `failed to parse CSR: ${messageOf(error)}`);
  }
  if (!asked.organizations.includes(MASTERS)) return;
  throw refused(request, `use of ${API_CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
}

function isCsr({ resource, subresource }: AdmissionRequest, wanted: string): boolean {
  return resource.group === GROUP && resource.plural === PLURAL && subresource === wanted;
}

function csrOf(object: AdmissionRequest['object']): CertificateSigningRequest {
  return object as CertificateSigningRequest; // validated before it comes here
}

function sameOutcome({ object, oldObject }: AdmissionRequest): boolean {
  const outcome = ({ status }: CertificateSigningRequest) => [status?.certificate ?? '', status?.conditions ?? []];
  return equalJson(outcome(csrOf(object)), outcome(csrOf(oldObject)));
}

/** By the name of the signer, or by all names of its domain: `example.com/*`. */
function mayUse(authorizer: Authorizer, caller: Caller, verb: string, signerName: string): boolean {
  const [domain = ''] = signerName.split('/');
  return [signerName, `${domain}/*`].some((name) => {
    const attributes = resourceAttributes({ verb, group: GROUP, resource: 'signers', name });
    return authorizer.authorize(caller, attributes).allowed;
  });
}

function refused({ name }: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: GROUP, plural: PLURAL }, name, why);
}
