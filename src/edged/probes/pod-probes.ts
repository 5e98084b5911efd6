import type { Pod } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { liveSandbox, type PodObservation } from '../pods/observation.ts';
import { allContainersOf, identityOf } from '../pods/pod-view.ts';
import type { ProbeVerdict } from '../pods/pod-world.ts';
import { ContainerProber, type ProberTools } from './container-prober.ts';

/** The probes of one pod's running containers. */
export class PodProbes {
  readonly #tools: ProberTools;
  readonly #logger: Logger;
  readonly #onChange: () => void;
  readonly #probers = new Map<string, ContainerProber>();

  constructor(tools: ProberTools, logger: Logger, onChange: () => void) {
    this.#tools = tools;
    this.#logger = logger;
    this.#onChange = onChange;
  }

  /** Probes what runs and has probes; forgets the rest. */
  follow(pod: Pod, observed: PodObservation, hostIps: readonly string[]): void {
    const sandbox = liveSandbox(observed);
    const podIp = (pod.spec?.hostNetwork === true ? hostIps : sandbox?.ips)?.[0] ?? '';
    const running = observed.containers.filter(({ state }) => state.kind === 'running');
    const ids = new Set(running.map(({ id }) => id));
    for (const [id, prober] of this.#probers) if (!ids.has(id)) this.#drop(id, prober);
    for (const { id, name, state } of running) {
      const container = allContainersOf(pod).find((each) => each.name === name);
      const { startupProbe, readinessProbe, livenessProbe } = container?.spec ?? {};
      const hasProbe = (startupProbe ?? readinessProbe ?? livenessProbe) !== undefined;
      if (container === undefined || !hasProbe || this.#probers.has(id) || state.kind !== 'running') continue;
      const probed = { pod, container, containerId: id, podIp, startedAt: state.startedAt };
      this.#start(id, new ContainerProber(probed, this.#tools, this.#onChange), pod);
    }
  }

  get verdicts(): ReadonlyMap<string, ProbeVerdict> {
    return new Map([...this.#probers].map(([id, prober]) => [id, prober.verdict]));
  }

  close(): void {
    for (const [id, prober] of this.#probers) this.#drop(id, prober);
  }

  #start(id: string, prober: ContainerProber, pod: Pod): void {
    this.#probers.set(id, prober);
    prober.run().catch((error: unknown) => {
      this.#logger.error({ pod: identityOf(pod).name, why: messageOf(error) }, 'a probe broke off');
      this.#probers.delete(id);
    });
  }

  #drop(id: string, prober: ContainerProber): void {
    prober.close();
    this.#probers.delete(id);
  }
}
