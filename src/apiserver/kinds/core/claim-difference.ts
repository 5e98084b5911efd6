/**
 * How two specs of a claim differ, as upstream shows it: a unified difference of Go's JSON of them, with three lines
 * around each change and only the first hunk's place.
 */
import type { PersistentVolumeClaimSpecDraft } from '../models.ts';

export type ClaimSpec = PersistentVolumeClaimSpecDraft;

const CONTEXT_LINES = 3;

/** Empty when nothing differs. */
export function claimChange(before: ClaimSpec, after: ClaimSpec): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const head = old.findIndex((line, index) => line !== now[index]);
  if (head < 0 && old.length === now.length) return '';
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - CONTEXT_LINES);
  const oldEnd = Math.min(old.length, old.length - tail + CONTEXT_LINES);
  const nowEnd = Math.min(now.length, now.length - tail + CONTEXT_LINES);
  const lines = [
    `@@ -${from + 1},${oldEnd - from} +${from + 1},${nowEnd - from} @@`,
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, oldEnd).map((line) => ` ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

function linesOf(spec: ClaimSpec): string[] {
  const resources = spec.resources ?? {};
  const dump = {
    AccessModes: spec.accessModes ?? null,
    Selector: spec.selector ?? null,
    Resources: { Limits: resources.limits ?? null, Requests: resources.requests ?? null },
    VolumeName: spec.volumeName ?? '',
    StorageClassName: spec.storageClassName ?? null,
    VolumeMode: spec.volumeMode ?? null,
    DataSource: sourceDump(spec.dataSource),
    DataSourceRef:
      spec.dataSourceRef === undefined
        ? null
        : { ...sourceDump(spec.dataSourceRef), Namespace: spec.dataSourceRef.namespace ?? null },
    VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  };
  return JSON.stringify(dump, undefined, 1).split('\n');
}

function sourceDump(source: ClaimSpec['dataSource']): object | null {
  if (source === undefined) return null;
  return { APIGroup: source.apiGroup ?? null, Kind: source.kind ?? '', Name: source.name ?? '' };
}
