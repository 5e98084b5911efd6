/** The paths that are no resources: discovery, version, health, metrics. */
import type { ApiRequest, ApiResponse } from '../../client/index.ts';
import type { JsonObject } from '../../api/json.ts';
import { StatusError } from '../../api/status-error.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import type { TokenIssuer } from '../auth/index.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { DebugPages } from '../discovery/debug-pages.ts';
import type { Health } from '../discovery/health.ts';
import type { OpenApiPublisher } from '../openapi/index.ts';
import { encoded } from '../registry/presenter.ts';
import { acceptClauses, MEDIA_TYPES, negotiate, notAcceptable } from './negotiation.ts';
import { isTrue } from '../../auth/index.ts';

const KEY_SET = 'application/jwk-set+json';
const TEXT = 'text/plain; charset=utf-8';
const DISCOVERY_GROUP = 'apidiscovery.k8s.io';

export interface RootPathsParts {
  readonly discovery: Discovery;
  readonly health: Health;
  readonly debug: DebugPages;
  readonly version: object;
  readonly metrics: () => string;
  /** `HOST:PORT` under which clients reach the server. */
  readonly serverAddress: () => string;
  readonly openApi: OpenApiPublisher;
  readonly aggregation: Pick<Aggregation, 'openApi'>;
  /** How to verify the tokens of service accounts. */
  readonly tokenIssuer: Pick<TokenIssuer, 'configuration' | 'keySet'>;
  readonly furtherPaths: readonly string[];
}

export class RootPaths {
  readonly #parts: RootPathsParts;

  constructor(parts: RootPathsParts) {
    this.#parts = parts;
  }

  async handle(request: ApiRequest, path: string, query: URLSearchParams, signal: AbortSignal): Promise<ApiResponse> {
    const health = this.#parts.health.answer(path, query);
    if (health !== undefined) return text(health.status, health.text);
    if (path.startsWith('/openapi/')) {
      const remote = await this.#parts.aggregation.openApi(request, path, signal);
      return remote ?? (await this.#openApi(request, path, query));
    }
    const found =
      request.method === 'GET' || request.method === 'HEAD' ? this.#document(request, path, query) : undefined;
    return found ?? pageNotFound();
  }

  async #openApi({ headers }: ApiRequest, path: string, query: URLSearchParams): Promise<ApiResponse> {
    return await this.#parts.openApi.answer({
      path,
      accept: headers['accept'] ?? '',
      acceptsGzip: /\bgzip\b/.test(headers['accept-encoding'] ?? ''),
      ifNoneMatch: headers['if-none-match'],
      hash: query.get('hash') ?? undefined,
    });
  }

  #document(request: ApiRequest, path: string, query: URLSearchParams): ApiResponse | undefined {
    const accept = request.headers['accept'];
    const pretty = isTrue(query.get('pretty'));
    const { discovery } = this.#parts;
    switch (path) {
      case '/':
        return encoded(200, { paths: this.#paths() }, { encoding: 'json', pretty: true });
      case '/version':
      case '/version/':
        return versionAnswer(this.#parts.version, accept);
      case '/.well-known/openid-configuration':
      case '/.well-known/openid-configuration/':
        return cacheable(this.#parts.tokenIssuer.configuration(this.#parts.serverAddress()), MEDIA_TYPES.json);
      case '/openid/v1/jwks':
      case '/openid/v1/jwks/':
        return this.#keySet(accept);
      case '/metrics':
        return text(200, this.#parts.metrics());
      case '/metrics/slis':
        return text(200, this.#parts.health.metrics());
      case '/flagz':
      case '/statusz':
        return text(200, this.#parts.debug.text(path));
      case '/api':
      case '/api/':
      case '/apis':
      case '/apis/':
        return this.#groups(path.startsWith('/apis'), accept, pretty);
      default:
        return described(groupDocument(discovery, path), accept, pretty);
    }
  }

  #keySet(accept: string | undefined): ApiResponse {
    const wanted = acceptClauses(accept).map(({ type }) => type);
    const served = wanted.some((type) => [KEY_SET, 'application/*', '*/*'].includes(type));
    if (served) return cacheable(this.#parts.tokenIssuer.keySet(), KEY_SET);
    const message = `406: Not Acceptable\n\nAvailable representations: ${KEY_SET}`;
    throw new StatusError('NotAcceptable', message, { details: {} });
  }

  #groups(isGroups: boolean, accept: string | undefined, pretty: boolean): ApiResponse | undefined {
    const { discovery, serverAddress } = this.#parts;
    const form = aggregatedForm(accept);
    if (form === undefined) {
      return described(isGroups ? discovery.groupList() : discovery.apiVersions(serverAddress()), accept, pretty);
    }
    const { encoding, version } = form;
    const answer = encoded(200, discovery.aggregated(!isGroups, version), { encoding, pretty });
    const type = `${MEDIA_TYPES[encoding]};g=${DISCOVERY_GROUP};v=${version};as=APIGroupDiscoveryList`;
    return { ...answer, headers: { 'content-type': type } };
  }

  #paths(): string[] {
    const { discovery, health, debug, furtherPaths } = this.#parts;
    const metrics = ['/metrics', '/metrics/slis'];
    return [...discovery.paths(), ...health.paths(), ...debug.paths(), ...furtherPaths, ...metrics, '/version'].sort();
  }
}

function groupDocument(discovery: Discovery, path: string): object | undefined {
  const [, prefix, ...rest] = (path.endsWith('/') ? path.slice(0, -1) : path).split('/');
  if (prefix === 'api' && rest.length === 1) return discovery.resourceList('', rest[0] ?? '');
  if (prefix !== 'apis') return undefined;
  if (rest.length === 1) return discovery.group(rest[0] ?? '');
  return rest.length === 2 ? discovery.resourceList(rest[0] ?? '', rest[1] ?? '') : undefined;
}

function described(document: object | undefined, accept: string | undefined, pretty: boolean): ApiResponse | undefined {
  return document === undefined ? undefined : encoded(200, document, negotiateDiscovery(accept, pretty));
}

/** Aggregated forms that are not known fall back on the plain one. */
function negotiateDiscovery(accept: string | undefined, pretty: boolean) {
  const plain = accept
    ?.split(',')
    .map((clause) => (clause.includes(DISCOVERY_GROUP) ? (clause.split(';', 1)[0] ?? '') : clause))
    .join(',');
  return negotiate(plain, pretty);
}

interface AggregatedForm {
  readonly encoding: 'json' | 'protobuf';
  readonly version: 'v2' | 'v2beta1';
}

function aggregatedForm(accept: string | undefined): AggregatedForm | undefined {
  for (const { type, parameters } of acceptClauses(accept)) {
    const encoding = type === MEDIA_TYPES.protobuf ? 'protobuf' : 'json';
    if (encoding === 'json' && type !== MEDIA_TYPES.json && type !== '*/*') continue;
    if (parameters.get('g') !== DISCOVERY_GROUP) return undefined;
    const version = parameters.get('v');
    const known = version === 'v2' || version === 'v2beta1';
    if (known && parameters.get('as') === 'APIGroupDiscoveryList') return { encoding, version };
  }
  return undefined;
}

/** For people too: always indented. */
function versionAnswer(version: object, accept: string | undefined): ApiResponse {
  const readable = acceptClauses(accept).some(({ type }) => type === MEDIA_TYPES.json || type === '*/*');
  if (!readable) throw notAcceptable(MEDIA_TYPES.json);
  return encoded(200, version, { encoding: 'json', pretty: true });
}

export function text(status: number, body: string): ApiResponse {
  return { status, headers: { 'content-type': TEXT }, body: Buffer.from(body) };
}

export function pageNotFound(): ApiResponse {
  return text(404, '404 page not found\n');
}

/** The documents of OpenID discovery, which change only with the keys. */
function cacheable(document: JsonObject, type: string): ApiResponse {
  const headers = { 'content-type': type, 'cache-control': 'public, max-age=3600' };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(document)) };
}
