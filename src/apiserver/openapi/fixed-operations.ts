/** The operations that belong to no resource: discovery, the version, the keys of service accounts. */
import { capital, groupName, lowerFirst } from './operation-names.ts';
import type { Operation } from './operations.ts';

const OBJECT_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const GET = { method: 'get', query: [], codes: [200] } as const;

export const SERVER_OPERATIONS: readonly Operation[] = [
  {
    ...GET,
    path: '/version/',
    id: 'getCodeVersion',
    tag: 'version',
    description: 'get the version information for this server',
    answer: { kind: 'version' },
    consumes: ['application/json'],
    produces: ['application/json'],
  },
  {
    ...GET,
    path: '/.well-known/openid-configuration/',
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    description: 'get service account issuer OpenID configuration, also known as the OIDC discovery document',
    answer: { kind: 'text' },
    consumes: [],
    produces: ['application/json'],
  },
  {
    ...GET,
    path: '/openid/v1/jwks/',
    id: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    description: 'get service account issuer OpenID JSON Web Key Set',
    answer: { kind: 'text' },
    consumes: [],
    produces: ['application/jwk-set+json'],
  },
];

/** The operations that list the groups and their versions. */
export function groupOperations(groups: readonly string[]): Operation[] {
  return [
    discovery('/api/', 'core', 'getCoreAPIVersions', 'available API versions', 'APIVersions'),
    discovery('/apis/', 'apis', 'getAPIVersions', 'available API versions', 'APIGroupList'),
    ...groups.map((group) => {
      const name = groupName(group);
      return discovery(`/apis/${group}/`, lowerFirst(name), `get${name}APIGroup`, 'information of a group', 'APIGroup');
    }),
  ];
}

/** The operation that lists the resources of a group in a version. */
export function resourcesOperation(group: string, version: string): Operation {
  const name = groupName(group);
  const path = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
  const id = `get${name}${capital(version)}APIResources`;
  return discovery(path, `${lowerFirst(name)}_${version}`, id, 'available resources', 'APIResourceList');
}

function discovery(path: string, tag: string, id: string, what: string, kind: string): Operation {
  const answer = { kind: 'object', of: { group: '', version: 'v1', kind } } as const;
  return { ...GET, path, id, tag, description: `get ${what}`, answer, consumes: OBJECT_TYPES };
}
