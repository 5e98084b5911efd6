/** The inside of the API server, put together once its database is open. */
import { join } from 'node:path';
import type { Readiness } from '../base/component.ts';
import { InvariantError } from '../base/errors.ts';
import type { KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import type { SchemaSet } from '../api/schema.ts';
import { notFound, StatusError } from '../api/status-error.ts';
import type { ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../client/index.ts';
import type { Peer } from '../http/index.ts';
import { AdmissionChain, type AdmissionObjects } from './admission/admission.ts';
import { certificatePlugins } from './admission/certificates.ts';
import { ClaimResize } from './admission/claim-resize.ts';
import {
  DefaultClass,
  RuntimeClass,
  StorageObjectInUseProtection,
  TaintNodesByCondition,
} from './admission/defaults.ts';
import { DefaultTolerationSeconds } from './admission/default-toleration-seconds.ts';
import { LimitRanger } from './admission/limit-ranger.ts';
import { NamespaceLifecycle } from './admission/namespace-lifecycle.ts';
import { NodeRestriction } from './admission/noderestriction/node-restriction.ts';
import { PodSecurity } from './admission/podsecurity/pod-security.ts';
import { Priority } from './admission/priority.ts';
import { ResourceQuotaAdmission } from './admission/quota/resource-quota.ts';
import { ServiceAccountAdmission } from './admission/service-account.ts';
import { AdmissionPolicies } from './admission/policy/admission-policies.ts';
import { PolicyStatus } from './admission/policy/policy-status.ts';
import { AdmissionWebhooks } from './admission/webhooks/admission-webhooks.ts';
import { Auth, StaticTokens } from './auth/index.ts';
import { HookClient } from './backends/hook-client.ts';
import { Aggregation } from './aggregation/aggregation.ts';
import { announce, bootstrap, tellExtensionServers, writeQuota } from './bootstrap.ts';
import { CustomKinds, customDecoder, CustomResources, definitionStrategy, WebhookConverter } from './crd/index.ts';
import { Discovery } from './discovery/discovery.ts';
import { DebugPages } from './discovery/debug-pages.ts';
import { Health } from './discovery/health.ts';
import { healthChecks } from './discovery/health-checks.ts';
import { KUBERNETES_VERSION, versionInfo } from './discovery/version.ts';
import { Dispatcher, targetOf, unknownResource } from './door/dispatcher.ts';
import { RequestLimits } from './door/request-limits.ts';
import { FlowObjects } from './flowcontrol/index.ts';
import { RootPaths } from './door/root-paths.ts';
import { generatedFolder } from './generated-folder.ts';
import { conversionOf, strategyOf } from './kinds/index.ts';
import { METRICS_RESOURCES } from './metrics/metrics-resources.ts';
import { MetricsEndpoint } from './metrics/metrics-endpoint.ts';
import { HttpNodeProxy } from './nodeproxy/http-node-proxy.ts';
import type { NodeProxy } from './nodeproxy/node-proxy.ts';
import { OpenApiPublisher } from './openapi/index.ts';
import type { ApiServerOptions } from './options.ts';
import { apiServiceWrites, SERVER_IDENTITY } from './own-writes.ts';
import type { Annotate } from './registry/call.ts';
import { Catalog } from './registry/catalog.ts';
import { parseStored, render } from './registry/codec.ts';
import { ManagedFields } from './registry/field-ownership.ts';
import { kindObjects } from './registry/kind-objects.ts';
import { randomText } from './registry/metadata.ts';
import { Registry, StoredObjects } from './registry/registry.ts';
import { ServedVersions } from './registry/served-versions.ts';
import { ServiceAllocator } from './registry/services/service-allocator.ts';
import { BodyDecoder, loadSchemas, type SchemaCatalog } from './schema/index.ts';
import type { ObjectStore } from './store/index.ts';

const AUTHENTICATED = 'system:authenticated';

export class ServerCore {
  readonly #dispatcher: Dispatcher;
  readonly #limits: RequestLimits;
  readonly #flowObjects: FlowObjects;
  readonly #policyStatus: PolicyStatus;
  readonly #options: ApiServerOptions;
  readonly #store: ObjectStore;
  readonly #catalog: Catalog;
  readonly #registry: Registry;
  readonly #services: ServiceAllocator;
  readonly #customResources: CustomResources;
  readonly #auth: Auth;
  readonly #webhooks: AdmissionWebhooks;
  readonly #policies: AdmissionPolicies;
  readonly #aggregation: Aggregation;
  readonly #metrics: MetricsEndpoint | undefined;
  readonly #ending = new AbortController();

  constructor(options: ApiServerOptions, store: ObjectStore, serving: () => Readiness, port: () => number) {
    this.#options = options;
    const { clock, random } = options;
    this.#store = store;
    this.#catalog = servedCatalog(options.resourceMetrics === true);
    const objects = new StoredObjects(this.#store, this.#catalog);
    const hookClient = new HookClient({ objects, random });
    const generated = generatedFolder();
    const schemas = loadSchemas(generated);
    const kinds = new CustomKinds({
      schemas,
      converters: options.converters,
      makeConverter: (webhook) => new WebhookConverter(webhook, hookClient, this.#ending.signal),
    });
    const openApi = this.#openApi(schemas, generated);
    const decoder = new BodyDecoder(schemas, customDecoder(schemas, kinds.structuralOf));
    const ownership = new ManagedFields(schemas, () => clock.now());
    this.#services = new ServiceAllocator({ store: this.#store, network: options.network, clock, random });
    const staticTokens = StaticTokens.read(options.tokenAuthFile);
    this.#auth = new Auth({ keys: options.serviceAccounts, objects, staticTokens, now: () => clock.now() });
    const admission = {
      objects,
      versions: new ServedVersions(this.#catalog, decoder),
      authorizer: this.#auth.authorizer,
      exempt: SERVER_IDENTITY,
    };
    this.#policies = new AdmissionPolicies({
      ...admission,
      params: kindObjects(this.#store, this.#catalog),
      schemas,
      now: () => clock.now(),
    });
    this.#webhooks = new AdmissionWebhooks({
      ...admission,
      client: hookClient,
      logger: options.logger.child('webhooks'),
    });
    const chain = this.#admission(objects);
    const nodeProxy = this.#nodeProxy(objects);
    this.#metrics = this.#resourceMetrics(objects, nodeProxy);
    this.#registry = new Registry({
      store: this.#store,
      catalog: this.#catalog,
      objects,
      admission: chain,
      nodeProxy,
      special: {
        ...this.#auth.handlers(decoder, ownership, chain),
        ...this.#metrics?.handlers(() => this.#registry.presenter),
      },
      decoder,
      ownership,
      schemas,
      clock,
      random,
      allocate: (object, old, context) => this.#services.allocate(object, old, context),
    });
    this.#aggregation = this.#aggregate(objects);
    this.#customResources = this.#followDefinitions(kinds);
    this.#dispatcher = new Dispatcher({
      catalog: this.#catalog,
      rootPaths: this.#rootPaths(serving, port, openApi),
      authorize: (caller, info, query) => this.#auth.authorize(caller, info, query),
      aggregation: this.#aggregation,
      serve: (call) => this.#registry.router.handle(call),
    });
    this.#limits = new RequestLimits(store, clock);
    this.#flowObjects = this.#followFlows();
    this.#policyStatus = this.#followPolicies(schemas);
  }

  async bootstrap(signal: AbortSignal): Promise<void> {
    await this.#services.start();
    await this.#auth.follow(this.#store);
    await this.#webhooks.follow(this.#store);
    await this.#policies.follow(this.#store);
    await bootstrap(this.#catalog, this.#registry.writer, signal);
    await this.#customResources.start();
    await this.#flowObjects.start();
    await this.#aggregation.follow(this.#store);
    await this.#policyStatus.start();
  }

  /** What can be said only once the server listens. */
  async announce(port: number, signal: AbortSignal): Promise<void> {
    const { advertiseAddress } = this.#options.network;
    const place = { address: advertiseAddress, port, clusterIp: this.#services.firstIp };
    await announce(this.#catalog, this.#registry.writer, place, signal);
    const { tls, frontProxy } = this.#options;
    if (frontProxy === undefined) return;
    const authorities = { clientAuthorityPem: tls.clientCa, frontProxyAuthorityPem: frontProxy.authorityPem };
    await tellExtensionServers(this.#catalog, this.#registry.writer, authorities, signal);
  }

  /** Who asks; within the process that is known. Rejects with Unauthorized. */
  async authenticate(request: ApiRequest, peer: Peer | undefined, given: Caller | undefined): Promise<Caller> {
    if (given !== undefined) return withGroup(given, AUTHENTICATED);
    return await this.#auth.authenticate(request, peer?.certificate);
  }

  /** For whom the sender asks, mostly for itself. Throws Forbidden for who may not act as somebody else. */
  callerOf(request: ApiRequest, sender: Caller, withinProcess: boolean): Caller {
    return withinProcess ? this.#auth.represented(sender, request) : this.#auth.impersonated(sender, request);
  }

  /** Answers when it is the request's turn. `explain` makes the answer of what the request ran into. */
  async serve(
    request: ApiRequest,
    caller: Caller,
    signal: AbortSignal,
    explain: (error: unknown) => ApiResponse,
    annotate?: Annotate,
  ): Promise<ApiResponse> {
    const target = { ...targetOf(request), annotate };
    return await this.#limits.run(target, caller, signal, () =>
      this.#dispatcher.dispatch(request, target, caller, signal).catch(explain),
    );
  }

  async upgrade(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    const { info, query } = targetOf(request);
    this.#auth.authorize(caller, info, query);
    const elsewhere = this.#aggregation.serviceFor(request.target);
    if (elsewhere !== undefined) return await this.#aggregation.upgrade(elsewhere, request, caller, signal);
    if (!info.isResource) throw unknownResource();
    const call = this.#dispatcher.callOf(request, info, query, caller, signal);
    return await this.#registry.router.upgrade(call);
  }

  async keepHouse(): Promise<void> {
    await this.#store.flush();
    const now = this.#options.clock.now();
    const infos = new Map(this.#catalog.all().map(({ storageKey, info }) => [storageKey, info]));
    const events = infos.get('events');
    if (events === undefined) throw new InvariantError('events are not served');
    await this.#store.expire(now, (stored, revision) => render(parseStored(stored), events, revision));
  }

  async close(): Promise<void> {
    this.#ending.abort(new StatusError('ServiceUnavailable', 'the server is shutting down'));
    this.#auth.close();
    this.#webhooks.close();
    this.#limits.close();
    await this.#flowObjects.close();
    await this.#policyStatus.close();
    this.#policies.close();
    await this.#aggregation.close();
    this.#metrics?.close();
    await this.#customResources.close();
    await this.#store.close();
  }

  #followDefinitions(kinds: CustomKinds): CustomResources {
    const { clock, logger } = this.#options;
    return new CustomResources({
      store: this.#store,
      catalog: this.#catalog,
      kinds,
      writer: this.#registry.writer,
      deleter: this.#registry.deleter,
      identity: SERVER_IDENTITY,
      served: () => this.#aggregation.refresh(),
      clock,
      logger: logger.child('customresources'),
    });
  }

  #followPolicies(schemas: SchemaSet): PolicyStatus {
    const { clock, logger } = this.#options;
    return new PolicyStatus({
      store: this.#store,
      schemas,
      kindOf: (group, version, plural) => this.#catalog.find(group, version, plural)?.info,
      send: (request, signal) => this.#sendOwn(request, signal),
      clock,
      logger: logger.child('policies'),
    });
  }

  #sendOwn(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    return this.#dispatcher.dispatch(request, targetOf(request), SERVER_IDENTITY, signal);
  }

  #followFlows(): FlowObjects {
    const { clock, logger } = this.#options;
    return new FlowObjects({
      store: this.#store,
      flowControl: this.#limits.flowControl,
      send: (request, signal) => this.#sendOwn(request, signal),
      clock,
      logger: logger.child('flowcontrol'),
    });
  }

  #openApi(schemas: SchemaCatalog, generatedFolder: string): OpenApiPublisher {
    return new OpenApiPublisher({
      catalog: schemas,
      resources: () => this.#catalog.all().flatMap(({ info, computed }) => (computed === true ? [] : info)),
      remote: () => this.#aggregation.openApiUrls(),
      generatedFolder,
      cacheFolder: join(this.#options.dataDir, 'openapi'),
      version: KUBERNETES_VERSION,
    });
  }

  #aggregate(objects: StoredObjects): Aggregation {
    const { clock, random, frontProxy, logger } = this.#options;
    return new Aggregation({
      objects,
      resources: () => this.#catalog.all(),
      writes: apiServiceWrites(this.#catalog, () => this.#registry),
      certificate: frontProxy?.client,
      clock,
      random,
      logger: logger.child('aggregation'),
    });
  }

  #nodeProxy(objects: StoredObjects): NodeProxy | undefined {
    const { dialBackend: dial, random } = this.#options;
    if (dial === undefined) return undefined;
    const get = async (resource: ResourceInfo, namespace: string, name: string): Promise<KubeObject> => {
      const found = await objects.get(resource.plural, namespace, name);
      if (found === undefined) throw notFound(resource, name);
      return found;
    };
    return new HttpNodeProxy({ objects: { get }, dial, random });
  }

  #resourceMetrics(objects: StoredObjects, nodeProxy: NodeProxy | undefined): MetricsEndpoint | undefined {
    const { clock, logger, resourceMetrics } = this.#options;
    if (nodeProxy === undefined || resourceMetrics !== true) return undefined;
    return new MetricsEndpoint({ objects, nodeProxy, clock, logger: logger.child('metrics') });
  }

  /** In the order of upstream's `AllOrderedPlugins`. */
  #admission(objects: AdmissionObjects): AdmissionChain {
    const { clock, random } = this.#options;
    return new AdmissionChain([
      new NamespaceLifecycle(objects),
      new LimitRanger(objects),
      new ServiceAccountAdmission(objects, clock, (length) => randomText(length, random)),
      new NodeRestriction(objects),
      new TaintNodesByCondition(),
      new PodSecurity(objects),
      new Priority(objects),
      new DefaultTolerationSeconds(),
      DefaultClass.storage(objects),
      new StorageObjectInUseProtection(),
      new ClaimResize(objects),
      new RuntimeClass(objects),
      ...certificatePlugins(this.#auth.authorizer),
      DefaultClass.ingress(objects),
      this.#auth.admission(),
      this.#policies.mutating,
      this.#webhooks.mutating,
      this.#policies.validating,
      this.#webhooks.validating,
      new ResourceQuotaAdmission(objects, clock, (namespace, name, transform, signal) =>
        writeQuota(this.#catalog, this.#registry.writer, { namespace, name }, transform, signal),
      ),
    ]);
  }

  #rootPaths(serving: () => Readiness, port: () => number, openApi: OpenApiPublisher): RootPaths {
    const { buildVersion, network, readinessChecks = [], clock } = this.#options;
    const flags = { 'authorization-mode': 'Node,RBAC', 'service-cluster-ip-range': network.serviceCidr };
    return new RootPaths({
      discovery: new Discovery(this.#catalog, () => this.#aggregation.remoteVersions()),
      aggregation: this.#aggregation,
      health: new Health(healthChecks({ serving, others: readinessChecks })),
      debug: new DebugPages({ buildVersion, startedAt: clock.now(), now: () => clock.now(), flags }),
      version: versionInfo(buildVersion),
      metrics: () => `apiserver_watchers ${this.#registry.watcher.count}\n`,
      serverAddress: () => `${network.advertiseAddress}:${port()}`,
      openApi,
      tokenIssuer: this.#auth.issuer,
      furtherPaths: [
        '/.well-known/openid-configuration',
        '/openid/v1/jwks',
        '/openapi/v2',
        '/openapi/v3',
        '/openapi/v3/',
      ],
    });
  }
}

function servedCatalog(resourceMetrics: boolean): Catalog {
  return new Catalog({
    computed: resourceMetrics ? METRICS_RESOURCES : [],
    strategyOf: (info) =>
      info.plural === 'customresourcedefinitions' ? definitionStrategy(strategyOf(info)) : strategyOf(info),
    conversionOf,
  });
}

function withGroup(caller: Caller, group: string): Caller {
  return caller.groups.includes(group) ? caller : { ...caller, groups: [...caller.groups, group] };
}
