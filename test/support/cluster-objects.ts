/** Services and their slices, as short as tests of names need them. */
import type { EndpointSlice, Service } from '../../src/api/kinds.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

export function clusterService(name: string, spec: NonNullable<Service['spec']>, namespace = 'default'): Service {
  return { metadata: { name, namespace }, spec };
}

export function sliceOf(
  service: string,
  endpoints: readonly Endpoint[],
  more: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    metadata: { name: `${service}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [...endpoints],
    ...more,
  };
}

/** A service with a cluster IP of each family, a headless one, one without ready endpoints, and a name for another name. */
export const CLUSTER = {
  services: [
    clusterService('web', {
      clusterIP: '10.96.0.7',
      clusterIPs: ['10.96.0.7', 'fd00:96::7'],
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    }),
    clusterService('heads', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] }),
    clusterService('nobody', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] }),
    clusterService('other', { type: 'ExternalName', externalName: 'example.org' }),
    clusterService('inner', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
  ],
  slices: [
    sliceOf('heads', [
      { addresses: ['10.200.4.2'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.200.4.3'], conditions: { ready: true } },
      { addresses: ['10.200.4.4'], hostname: 'db-2', conditions: { ready: false } },
    ]),
    sliceOf('nobody', [{ addresses: ['10.200.4.5'], conditions: { ready: false } }]),
  ],
};
