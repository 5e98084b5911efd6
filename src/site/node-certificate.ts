/** A serving certificate of this node that its API signs on request. */
import { join } from 'node:path';
import { AUTHENTICATED } from '../auth/index.ts';
import { RequestedCertificate, type RequestedCertificateNeeds } from '../certificates/index.ts';
import { createKubeClient } from '../client/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';

export function nodeCertificate(
  { clock, random, nodeName, dataDir, logger }: Ground,
  access: ApiAccess,
  wanted: Pick<RequestedCertificateNeeds, 'owner' | 'hosts' | 'startTimeoutMs'>,
): RequestedCertificate {
  const node = { name: `system:node:${nodeName}`, groups: ['system:nodes', AUTHENTICATED] };
  return new RequestedCertificate({
    ...wanted,
    client: createKubeClient(access.transportAs(node)),
    nodeName,
    folder: join(dataDir.path, 'pki'),
    authorityPem: access.clientAuthority,
    clock,
    random,
    logger: logger.child(wanted.owner),
  });
}
