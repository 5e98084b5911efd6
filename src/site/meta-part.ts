/** The metaserver, with what it needs to be reached and to know who asks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from '../base/component.ts';
import { UserError, messageOf } from '../base/errors.ts';
import { builtIn } from '../api/resources.ts';
import { builtInKinds } from '../apiserver/index.ts';
import { AUTHENTICATED } from '../auth/index.ts';
import { FileCertificate, type ServingCertificate } from '../certificates/index.ts';
import type { SiteConfig } from '../config/index.ts';
import type { EdgeStore } from '../edgestore/index.ts';
import { EdgeGate, type Endpoint, MetaServer, type MetaServerOptions } from '../metaserver/index.ts';
import { InterfaceAddress } from '../network/index.ts';
import type { ApiAccess } from './api-access.ts';
import { endpointOf } from './endpoint.ts';
import type { Ground } from './ground.ts';
import { nodeCertificate } from './node-certificate.ts';

/** KubeEdge's name for it. */
const INTERFACE = 'edge-dummy0';
const IDENTITY = 'system:edgesite:metaserver';
const CERTIFICATE_TIMEOUT_MS = 15_000;

/** In the order of their start; the metaserver is the last. */
export interface MetaParts {
  readonly before: readonly Component[];
  readonly server: MetaServer;
}

type Needs = Omit<ConstructorParameters<typeof MetaServer>[1], 'transport'>;

export function metaParts(
  ground: Ground,
  access: ApiAccess,
  store: EdgeStore,
  { hasAgent, pages }: { hasAgent: boolean; pages?: Needs['pages'] },
): MetaParts {
  const { config, clock, random, dataDir } = ground;
  const options = {
    ...endpointOf(config.metamanager.server),
    storeExclude: config.metamanager['store-exclude'],
    writes: {
      file: join(dataDir.path, 'writes.db'),
      sealing: ground.sealing,
      rules: config.metamanager['offline-writes'],
    },
  };
  const logger = ground.logger.child('metaserver');
  const needs = { store, kinds: builtInKinds(clock), clock, random, logger, ...(pages === undefined ? {} : { pages }) };
  if (config.featureGates.requireAuthorization) return secured(ground, access, options, needs, hasAgent);
  // Whoever is on this machine is trusted, as in KubeEdge.
  const transport = access.transportAs({ name: IDENTITY, groups: ['system:masters', AUTHENTICATED] });
  return { before: [], server: new MetaServer(options, { ...needs, transport }) };
}

function secured(
  ground: Ground,
  access: ApiAccess,
  options: MetaServerOptions,
  needs: Needs,
  hasAgent: boolean,
): MetaParts {
  const { config, nodeName, onFatal } = ground;
  // It may read everything and speak for everybody (manifests/metaserver.yaml); what a caller may do, RBAC says.
  const transport = access.transportAs({ name: IDENTITY, groups: [AUTHENTICATED] });
  const ownPods = { collection: builtIn('v1', 'pods'), fieldSelector: `spec.nodeName=${nodeName}` };
  const audiences = config.metamanager.apiAudiences;
  const gate = new EdgeGate({ ...needs, transport, audiences, ...(hasAgent ? { ownPods } : {}) });
  const forPods = podsEndpoint(ground);
  const further = forPods === undefined ? [] : [forPods];
  const certificate = certificateOf(ground, access, [options, ...further]);
  const clientCa = withConfiguredAuthority(config, access.clientAuthority);
  const security = { gate, certificate, clientCa, onFatal };
  const server = new MetaServer({ ...options, further, security }, { ...needs, transport });
  const addresses = further.map(({ address }) => new InterfaceAddress({ interfaceName: INTERFACE, address }));
  return { before: [...addresses, certificate, gate], server };
}

/** Where pods reach the metaserver, with and without the host's network; absent where it is not secured. */
export function podsEndpoint({ config }: Ground): Endpoint | undefined {
  const { dummyServer } = config.metamanager;
  return config.featureGates.requireAuthorization && dummyServer !== '' ? endpointOf(dummyServer) : undefined;
}

/** From files where they are configured, else from the API, for the addresses that clients call. */
function certificateOf(ground: Ground, access: ApiAccess, endpoints: readonly Endpoint[]): ServingCertificate {
  const { config, clock } = ground;
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile } = config.metamanager;
  if (certFile !== '') {
    return new FileCertificate({ certFile, keyFile }, clock, ground.logger.child('metaserver'));
  }
  const hosts = endpoints.map(({ address }) => address);
  return nodeCertificate(ground, access, { owner: 'metaserver', hosts, startTimeoutMs: CERTIFICATE_TIMEOUT_MS });
}

/** The authority with that of tlsCaFile beside it, where there is one: PEM texts may follow one another. */
export function withConfiguredAuthority(config: SiteConfig, authorityPem: string): string {
  const { tlsCaFile } = config.metamanager;
  if (!config.featureGates.requireAuthorization || tlsCaFile === '') return authorityPem;
  try {
    const more = readFileSync(tlsCaFile, 'utf8');
    return more.trim() === authorityPem.trim() ? authorityPem : `${authorityPem.trimEnd()}\n${more}`;
  } catch (error) {
    throw new UserError(`metamanager.tlsCaFile: ${messageOf(error)}. Name a PEM file, or leave it empty.`, {
      cause: error,
    });
  }
}
