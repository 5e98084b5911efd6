/** The cell `Targets`: upstream `pkg/printers/internalversion/printers.go`, formatHPAMetrics. */
import type { MetricSpecDraft, MetricStatusDraft } from '../models.ts';

const UNKNOWN = '<unknown>';
/** Metrics shown before `+ N more...`. */
const SHOWN = 2;

interface Target {
  readonly averageValue?: string;
  readonly averageUtilization?: number;
  readonly value?: string;
}

/** `cpu: 12%/50%, 300m/1k + 1 more...` */
export function metricsText(specs: readonly MetricSpecDraft[], statuses: readonly MetricStatusDraft[]): string {
  if (specs.length === 0) return '<none>';
  const texts = specs.map((spec, index) => metricText(spec, statuses[index]));
  const more = texts.length > SHOWN ? ` + ${texts.length - SHOWN} more...` : '';
  return texts.slice(0, SHOWN).join(', ') + more;
}

function metricText(spec: MetricSpecDraft, status: MetricStatusDraft | undefined): string {
  switch (spec.type) {
    case 'Pods':
      return `${status?.pods?.current?.averageValue ?? UNKNOWN}/${spec.pods?.target?.averageValue ?? ''}`;
    case 'Object':
      return averageOrValue(spec.object?.target, status?.object?.current);
    case 'External':
      return averageOrValue(spec.external?.target, status?.external?.current);
    case 'Resource':
      return named(spec.resource, averageOrUtilization(spec.resource?.target, status?.resource?.current));
    case 'ContainerResource': {
      const { containerResource } = spec;
      return named(
        containerResource,
        averageOrUtilization(containerResource?.target, status?.containerResource?.current),
      );
    }
    default:
      return '<unknown type>';
  }
}

function named(source: { name?: string } | undefined, text: string): string {
  return `${source?.name ?? ''}: ${text}`;
}

function averageOrValue(target: Target | undefined, current: Target | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target?.value ?? ''}`;
}

function averageOrUtilization(target: Target | undefined, current: Target | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const now = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
  return `${now}/${target?.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`;
}
