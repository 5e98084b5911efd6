import type { Readable } from 'node:stream';
import type { RuntimeEvent } from '../runtime.ts';
import { LABELS } from './labels.ts';

/** The events that may change what a pod's status says; Docker tells many more. */
export const WATCHED_ACTIONS: readonly string[] = ['start', 'die', 'oom', 'destroy'];

const MAX_EVENT_BYTES = 1024 * 1024;

interface DockerEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/** The engine's lines of JSON as events of pods. */
export async function* podEvents(stream: Readable): AsyncGenerator<RuntimeEvent> {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_EVENT_BYTES) throw new Error(`an event of Docker is longer than ${MAX_EVENT_BYTES} bytes`);
    for (const line of lines) {
      const event = line === '' ? undefined : podEvent(JSON.parse(line) as DockerEvent);
      if (event !== undefined) yield event;
    }
  }
}

function podEvent(event: DockerEvent): RuntimeEvent | undefined {
  const podUid = event.Actor?.Attributes?.[LABELS.podUid];
  if (podUid === undefined) return undefined;
  return { podUid, containerId: event.Actor?.ID ?? '', action: event.Action ?? '' };
}
