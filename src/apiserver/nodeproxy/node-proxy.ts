/**
 * The subresources that the API server does not answer itself: `pods/{log,exec,attach,portforward,proxy}`,
 * `services/proxy` and `nodes/proxy`. The registry has already authorized the request; it hands over the parsed path.
 */
import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { ApiRequest, ApiResponse, ApiTransport, UpgradedConnection } from '../../client/index.ts';

export interface ProxyCall {
  readonly request: ApiRequest;
  readonly resource: 'pods' | 'services' | 'nodes';
  readonly subresource: 'attach' | 'exec' | 'log' | 'portforward' | 'proxy';
  /** Empty for nodes. */
  readonly namespace: string;
  /** The segment of the path, decoded: a name, or `name:port` and `scheme:name:port` before `/proxy`. */
  readonly name: string;
  /** What follows `/proxy` in the path, still encoded, with its leading slash; empty for the other subresources. */
  readonly path: string;
}

/** Both methods reject with a StatusError where no backend can be reached; an answer of the backend resolves. */
export interface NodeProxy {
  handle(call: ProxyCall, signal: AbortSignal): Promise<ApiResponse>;
  upgrade(call: ProxyCall, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse>;
}

/** What the proxy reads of the cluster; the store of the API server fills it. Rejects with NotFound. */
export interface ProxyObjects {
  get(resource: ResourceInfo, namespace: string, name: string): Promise<KubeObject>;
}

export interface Backend {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Given: the kubelet of this node. It is shown the API server's certificate, and its own must name the node. */
  readonly node?: string;
}

/** Makes the transport to a backend; `site` gives the one with the client certificate. */
export type DialBackend = (backend: Backend) => ApiTransport;
