/** A secured metaserver over a real API server in this process, whose connection a test can cut. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/api/object.ts';
import { apiVersionOf, BUILT_IN_RESOURCES, builtIn } from '../../src/api/resources.ts';
import { builtInKinds } from '../../src/apiserver/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/logger.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { EdgeGate, MetaServer } from '../../src/metaserver/index.ts';
import { startApiServer } from './api-server.ts';
import { CutTransport } from './cut-transport.ts';
import { MemoryEdgeStore } from './memory-edge-store.ts';
import type { Answer } from './meta-site.ts';
import { testPki } from './pki.ts';

const NEVER = new AbortController().signal;

/** Everything of a manifest, created. */
export async function applyFile(client: KubeClient, file: string): Promise<void> {
  for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
    const object = document.toJS() as KubeObject;
    const info = BUILT_IN_RESOURCES.find(
      (each) => apiVersionOf(each) === object.apiVersion && each.kind === object.kind,
    );
    if (info === undefined) throw new Error(`no kind ${object.kind}`);
    await client.create(info, { namespace: object.metadata?.namespace }, object, NEVER);
  }
}

export interface Show {
  readonly token?: string;
  readonly certificate?: { readonly certPem: string; readonly keyPem: string };
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export async function secureMetaSite() {
  const pki = await testPki();
  const api = await startApiServer();
  const admin = createKubeClient(
    new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters', 'system:authenticated'] }),
  );
  await applyFile(admin, 'manifests/metaserver.yaml');
  const transport = new CutTransport(
    new InProcessTransport(api.server, { name: 'system:edgesite:metaserver', groups: ['system:authenticated'] }),
  );
  const time = { offsetMs: 0 };
  const clock = {
    now: () => Date.now() + time.offsetMs,
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms, signal),
  };
  const lines: string[] = [];
  const logger = createLogger({ level: 'warn', format: 'json', write: (line) => lines.push(line) });
  const store = new MemoryEdgeStore(clock);
  const parts = { transport, store, kinds: builtInKinds(clock), clock, random: Math.random, logger };

  async function serve() {
    const gate = new EdgeGate({ ...parts, audiences: [] });
    const certificate = {
      name: 'certificate',
      start: () => Promise.resolve(),
      close: () => Promise.resolve(),
      follow: (listener: (pair: { cert: string; key: string }) => void) => {
        listener({ cert: pki.kubelet.certPem, key: pki.kubelet.keyPem });
        return () => undefined;
      },
    };
    const security = { gate, certificate, clientCa: pki.authority.certPem, onFatal: assertNever };
    const server = new MetaServer({ address: '127.0.0.1', port: 0, security }, parts);
    await gate.start(NEVER);
    await server.start(NEVER);
    return { gate, server };
  }

  let { gate, server } = await serve();

  async function open(target: string, show: Show = {}): Promise<IncomingMessage> {
    const { token, certificate, method = 'GET', headers = {}, body = '' } = show;
    const outgoing = request({
      host: '127.0.0.1',
      port: server.port,
      path: target,
      method,
      ca: pki.authority.certPem,
      agent: false,
      ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === ''
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return incoming;
  }

  async function ask(target: string, show: Show = {}): Promise<Answer> {
    const incoming = await open(target, show);
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const isJson = incoming.headers['content-type']?.includes('json') === true;
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  async function stop(): Promise<void> {
    await server.close();
    await gate.close();
  }

  return {
    admin,
    api,
    lines,
    pki,
    store,
    time,
    transport,
    ask,
    open,
    get port() {
      return server.port;
    },
    /** As after a reboot of the machine: what is in the edge store is all that is known. */
    reboot: async () => {
      await stop();
      ({ gate, server } = await serve());
    },
    /** A token by TokenRequest. */
    token: async (namespace: string, name: string, spec: object = {}): Promise<string> => {
      const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
      const target = { namespace, name, subresource: 'token' };
      const made = await admin.create<KubeObject>(builtIn('v1', 'serviceaccounts'), target, asked, NEVER);
      return (made['status'] as { token: string }).token;
    },
    /** A service account that may do this with these resources of the core group. */
    account: async (namespace: string, name: string, verbs: string[], resources: string[]): Promise<void> => {
      await admin.create(builtIn('v1', 'serviceaccounts'), { namespace }, { metadata: { name } }, NEVER);
      const rules = [{ verbs, apiGroups: [''], resources }];
      const role = { metadata: { name }, rules } as unknown as KubeObject;
      await admin.create(builtIn('rbac.authorization.k8s.io/v1', 'roles'), { namespace }, role, NEVER);
      const binding = {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      } as unknown as KubeObject;
      await admin.create(builtIn('rbac.authorization.k8s.io/v1', 'rolebindings'), { namespace }, binding, NEVER);
    },
    close: async () => {
      await stop();
      await api.close();
    },
  };
}

function assertNever(component: string, error: unknown): void {
  throw new Error(`${component} failed`, { cause: error });
}
