import type { TypedTable } from '../draft.ts';
import type { ServiceDraft, ServicePortDraft } from '../models.ts';
import { labelsText, NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const serviceTable: TypedTable<ServiceDraft> = {
  columns: COLUMNS['/services'],
  cells: (service, now) => [
    service.metadata?.name,
    service.spec?.type ?? '',
    service.spec?.clusterIP ?? NONE,
    externalIps(service),
    portsText(service.spec?.ports ?? []),
    ageOf(service, now),
    labelsText(service.spec?.selector),
  ],
};

function externalIps({ spec, status }: ServiceDraft): string {
  const own = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.length === 0 ? NONE : own.join(',');
    case 'LoadBalancer': {
      const all = [...ingressPoints(status?.loadBalancer?.ingress), ...own];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

/** The addresses of a load balancer, each once, in order. */
export function ingressPoints(ingress: readonly { ip?: string; hostname?: string }[] | undefined): string[] {
  const points = (ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').filter((point) => point !== '');
  return [...new Set(points)].sort();
}

function portsText(ports: readonly ServicePortDraft[]): string {
  const texts = ports.map(({ port, nodePort = 0, protocol }) =>
    nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.length === 0 ? NONE : texts.join(',');
}
