/** Defaults of containers: upstream `pkg/apis/core/v1/defaults.go`. */
import type { ContainerDraft, HttpGetDraft, LifecycleHandlerDraft, ProbeDraft } from '../models.ts';

export function setContainerDefaults(container: ContainerDraft): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= pullPolicyFor(container.image ?? '');
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const variable of container.env ?? []) {
    const { fieldRef, fileKeyRef, resourceFieldRef } = variable.valueFrom ?? {};
    if (fieldRef !== undefined) fieldRef.apiVersion ??= 'v1';
    if (resourceFieldRef !== undefined) resourceFieldRef.divisor ??= '0';
    if (fileKeyRef !== undefined) fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) setProbeDefaults(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler !== undefined) setHandlerDefaults(handler);
  }
}

/** With the network of the host a port of the container is one of the host. */
export function setHostPortDefaults({ ports }: Pick<ContainerDraft, 'ports'>): void {
  for (const port of ports ?? []) if (port.containerPort !== undefined) port.hostPort ??= port.containerPort;
}

/** A limit without a request is its own request. */
export function setRequestDefaults({ resources }: Pick<ContainerDraft, 'resources'>): void {
  const limits = resources?.limits;
  if (resources === undefined || limits === undefined) return;
  resources.requests ??= {};
  for (const [name, limit] of Object.entries(limits)) resources.requests[name] ??= limit;
  if (Object.keys(resources.requests).length === 0) delete resources.requests;
}

/** `latest` moves, so it is pulled each time, also where no tag is given; other tags and bare digests stand. */
export function pullPolicyFor(image: string): 'Always' | 'IfNotPresent' {
  const [name = '', digest] = image.split('@');
  const lastPart = name.slice(name.lastIndexOf('/') + 1);
  const colon = lastPart.lastIndexOf(':');
  const tag = colon >= 0 ? lastPart.slice(colon + 1) : digest === undefined ? 'latest' : '';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function setProbeDefaults(probe: ProbeDraft): void {
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
  setHandlerDefaults(probe);
}

function setHandlerDefaults({ httpGet }: Pick<LifecycleHandlerDraft, 'httpGet'>): void {
  if (httpGet !== undefined) setHttpGetDefaults(httpGet);
}

function setHttpGetDefaults(httpGet: HttpGetDraft): void {
  httpGet.path ??= '/';
  httpGet.scheme ??= 'HTTP';
}
