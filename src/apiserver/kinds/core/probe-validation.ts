/** Validation of probes and life cycle handlers: upstream `pkg/apis/core/validation/validation.go`. */
import { forbiddenField, type FieldError, invalid, required } from '../../../api/field-error.ts';
import type { ContainerDraft, HttpGetDraft, LifecycleHandlerDraft, ProbeDraft } from '../models.ts';
import { invalidFor, nonNegative, oneOf, portNumber, portNumberOrName } from '../validation/checks.ts';

type Handler = LifecycleHandlerDraft & ProbeDraft;

const HEADER_NAME = '[-A-Za-z0-9]+';

/** The three probes and the life cycle of a container that serves. */
export function probesErrors(
  container: ContainerDraft,
  { graceSeconds }: { readonly graceSeconds: number },
  path: string,
): FieldError[] {
  return [
    ...lifecycleErrors(container.lifecycle, graceSeconds, `${path}.lifecycle`),
    ...onceErrors(container.livenessProbe, graceSeconds, `${path}.livenessProbe`),
    ...readinessErrors(container.readinessProbe, graceSeconds, `${path}.readinessProbe`),
    ...onceErrors(container.startupProbe, graceSeconds, `${path}.startupProbe`),
  ];
}

function lifecycleErrors(lifecycle: ContainerDraft['lifecycle'], graceSeconds: number, path: string): FieldError[] {
  return (['postStart', 'preStop'] as const).flatMap((name) => {
    const handler = lifecycle?.[name];
    return handler === undefined ? [] : handlerErrors(handler, graceSeconds, `${path}.${name}`);
  });
}

/** Probes that one success settles. */
function onceErrors(probe: ProbeDraft | undefined, graceSeconds: number, path: string): FieldError[] {
  if (probe === undefined) return [];
  const errors = probeErrors(probe, graceSeconds, path);
  const successes = probe.successThreshold ?? 0;
  return successes === 1 ? errors : [...errors, invalid(`${path}.successThreshold`, successes, 'must be 1')];
}

function readinessErrors(probe: ProbeDraft | undefined, graceSeconds: number, path: string): FieldError[] {
  if (probe === undefined) return [];
  const errors = probeErrors(probe, graceSeconds, path);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds === undefined) return errors;
  return [...errors, invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes')];
}

function probeErrors(probe: ProbeDraft, graceSeconds: number, path: string): FieldError[] {
  const seconds = probe.terminationGracePeriodSeconds;
  const counts = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  return [
    ...handlerErrors(probe, graceSeconds, path),
    ...counts.flatMap((member) => nonNegative(`${path}.${member}`, probe[member])),
    ...(seconds !== undefined && seconds <= 0
      ? [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0')]
      : []),
  ];
}

/** Exactly one way to ask. */
function handlerErrors(handler: Handler, graceSeconds: number, path: string): FieldError[] {
  const checks: [keyof Handler, () => FieldError[]][] = [
    ['exec', () => ((handler.exec?.command ?? []).length === 0 ? [required(`${path}.exec.command`)] : [])],
    ['httpGet', () => httpGetErrors(handler.httpGet ?? {}, `${path}.httpGet`)],
    ['tcpSocket', () => portNumberOrName(`${path}.tcpSocket.port`, handler.tcpSocket?.port)],
    ['grpc', () => portNumber(`${path}.grpc.port`, handler.grpc?.port)],
    ['sleep', () => sleepErrors(handler.sleep?.seconds ?? 0, graceSeconds, `${path}.sleep`)],
  ];
  const [first, ...others] = checks.filter(([name]) => handler[name] !== undefined);
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...first[1](),
    ...others.map(([name]) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

function httpGetErrors({ path: target, port, scheme, httpHeaders }: HttpGetDraft, path: string): FieldError[] {
  return [
    ...(target === undefined || target === '' ? [required(`${path}.path`)] : []),
    ...portNumberOrName(`${path}.port`, port),
    ...oneOf(`${path}.scheme`, scheme, ['HTTP', 'HTTPS'], 'unsupported'),
    ...(httpHeaders ?? []).flatMap(({ name }) =>
      invalidFor(`${path}.httpHeaders`, name ?? '', headerErrors(name ?? '')),
    ),
  ];
}

function headerErrors(name: string): string[] {
  if (new RegExp(`^${HEADER_NAME}$`).test(name)) return [];
  return [
    `a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '${HEADER_NAME}')`,
  ];
}

function sleepErrors(seconds: number, graceSeconds: number, path: string): FieldError[] {
  if (seconds >= 0 && seconds <= graceSeconds) return [];
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  return [invalid(path, seconds, detail)];
}
