/** What is pushed, in the words of KubeEdge's mapper-framework, whose receivers read it. Pure. */
import type { PushMethod } from './push-method.ts';

export interface Reported {
  readonly property: string;
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export function pushedText(method: PushMethod, reported: Reported): string {
  return method.kind === 'http' ? formOf(reported) : lineOf(method.topic, reported);
}

/** The body of a form: `temp=19&time=2026-01-01 12:00:00`, encoded as forms are, which KubeEdge leaves out. */
function formOf({ property, value, at }: Reported): string {
  return new URLSearchParams([
    [property, value],
    ['time', timeOf(at)],
  ]).toString();
}

/** `time is 2026-01-01 12:00:00  plant/temp: 19` */
function lineOf(topic: string, { value, at }: Reported): string {
  return `time is ${timeOf(at)}  ${topic}: ${value}`;
}

/** In UTC: the time zone of KubeEdge's mappers is that of their containers. */
function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
