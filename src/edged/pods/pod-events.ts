import type { Pod } from '../../api/kinds.ts';
import { ephemeralContainersOf, initContainersOf } from './pod-view.ts';
import type { KubeObject } from '../../api/object.ts';

/** The part of `client`'s EventRecorder that pods need. */
export interface EventSink {
  record(
    object: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { readonly fieldPath?: string },
  ): void;
}

/** Events about pods and their containers, with kubelet's reasons. */
export class PodEvents {
  readonly #sink: EventSink;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  pod(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#sink.record(reference(pod), type, reason, message);
  }

  container(pod: Pod, container: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#sink.record(reference(pod), type, reason, message, { fieldPath: fieldPathOf(pod, container) });
  }
}

function reference(pod: Pod): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata ?? {} };
}

/** `spec.initContainers{init}` */
function fieldPathOf(pod: Pod, name: string): string {
  if (initContainersOf(pod).some((container) => container.name === name)) return `spec.initContainers{${name}}`;
  if (ephemeralContainersOf(pod).some((container) => container.name === name))
    return `spec.ephemeralContainers{${name}}`;
  return `spec.containers{${name}}`;
}
