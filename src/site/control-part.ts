/** Controllers and scheduler over one set of informers: one copy of each object for all of them. */
import type { Component } from '../base/component.ts';
import { AUTHENTICATED } from '../auth/index.ts';
import { createKubeClient, InformerSet } from '../client/index.ts';
import type { ModuleName } from '../config/index.ts';
import { Controllers } from '../controllers/index.ts';
import { Scheduler } from '../scheduler/index.ts';
import { endpointOf } from './endpoint.ts';
import type { ApiAccess } from './api-access.ts';
import { withConfiguredAuthority } from './meta-part.ts';
import type { Ground } from './ground.ts';

export function clusterControl(ground: Ground, access: ApiAccess, modules: ReadonlySet<ModuleName>): Component[] {
  const cluster = modules.has('controllers');
  const workloads = modules.has('workloads');
  const scheduling = modules.has('scheduler');
  if (!cluster && !workloads && !scheduling) return [];
  const { clock, random } = ground;
  const logger = ground.logger.child('controllers');
  const clientAs = (name: string) => createKubeClient(access.transportAs({ name, groups: [AUTHENTICATED] }));
  const controllerClient = clientAs('system:kube-controller-manager');
  const schedulerClient = clientAs('system:kube-scheduler');
  const informers = new InformerSet({ client: controllerClient, clock, random, logger });
  const parts: Component[] = [];
  if (cluster || workloads) {
    const { authority } = ground.pki;
    const { address } = endpointOf(ground.config.metamanager.dummyServer);
    parts.push(
      new Controllers({
        client: controllerClient,
        informers,
        clock,
        random,
        logger,
        // Pods verify the metaserver by it too.
        rootCaPem: withConfiguredAuthority(ground.config, authority.certPem),
        authority,
        edgeAddresses: address === '' ? [] : [address],
        cluster,
        workloads,
        disabled: modules.has('servicelb') ? [] : ['service-lb'],
      }),
    );
  }
  if (scheduling) {
    const schedulerLogger = ground.logger.child('scheduler');
    parts.push(new Scheduler({ client: schedulerClient, informers, clock, random, logger: schedulerLogger }));
  }
  return [closing('informers', () => informers.close()), ...parts];
}

/** Something that starts with its users and is closed after them. */
function closing(name: string, close: () => Promise<void>): Component {
  return { name, start: () => Promise.resolve(), close };
}
