import type { Pod, Probe } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import type { PodEvents } from '../pods/pod-events.ts';
import type { PodContainer } from '../pods/pod-view.ts';
import type { ProbeVerdict } from '../pods/pod-world.ts';
import type { ContainerRuntime } from '../runtime.ts';
import type { Answer } from './answer.ts';
import { ask, type ProbeTarget } from './handlers.ts';
import { afterAnswer, hasGivenUp, initialState, type ProbeKind, type ProbeState } from './probe-state.ts';

const DEFAULT_PERIOD_SECONDS = 10;
const DEFAULT_TIMEOUT_SECONDS = 1;
const TITLES: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  readiness: 'Readiness',
  liveness: 'Liveness',
};

export interface ProberTools {
  readonly runtime: ContainerRuntime;
  readonly events: PodEvents;
  readonly clock: Clock;
}

export interface ProbedContainer {
  readonly pod: Pod;
  readonly container: PodContainer;
  readonly containerId: string;
  readonly podIp: string;
  readonly startedAt: number;
}

/** The probes of one running container, each at its own pace; the others begin once the startup probe has passed. */
export class ContainerProber {
  readonly #probed: ProbedContainer;
  readonly #tools: ProberTools;
  readonly #onChange: () => void;
  readonly #closing = new AbortController();
  readonly #states: Record<ProbeKind, ProbeState>;
  #fatal: ProbeVerdict['fatal'];

  constructor(probed: ProbedContainer, tools: ProberTools, onChange: () => void) {
    this.#probed = probed;
    this.#tools = tools;
    this.#onChange = onChange;
    const { startupProbe, readinessProbe } = probed.container.spec;
    this.#states = {
      startup: { ...initialState('startup'), passing: startupProbe === undefined },
      readiness: { ...initialState('readiness'), passing: readinessProbe === undefined },
      liveness: initialState('liveness'),
    };
  }

  /** Runs until closed. */
  async run(): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.#probed.container.spec;
    if (startupProbe !== undefined) await this.#follow('startup', startupProbe, () => this.#states.startup.passing);
    const forever = () => false;
    await Promise.all([
      readinessProbe === undefined ? undefined : this.#follow('readiness', readinessProbe, forever),
      livenessProbe === undefined ? undefined : this.#follow('liveness', livenessProbe, forever),
    ]);
  }

  close(): void {
    this.#closing.abort();
  }

  get verdict(): ProbeVerdict {
    const { startup, readiness } = this.#states;
    const verdict = { started: startup.passing, ready: startup.passing && readiness.passing };
    return this.#fatal === undefined ? verdict : { ...verdict, fatal: this.#fatal };
  }

  async #follow(kind: ProbeKind, probe: Probe, isDone: () => boolean): Promise<void> {
    const { signal } = this.#closing;
    const periodMs = (probe.periodSeconds ?? DEFAULT_PERIOD_SECONDS) * 1000;
    try {
      const delay = this.#probed.startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - this.#tools.clock.now();
      if (delay > 0) await this.#tools.clock.sleep(delay, signal);
      for (;;) {
        await this.#look(kind, probe, signal);
        if (isDone() || this.#fatal !== undefined) return;
        await this.#tools.clock.sleep(periodMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #look(kind: ProbeKind, probe: Probe, signal: AbortSignal): Promise<void> {
    const { container, containerId, podIp } = this.#probed;
    const target: ProbeTarget = { container: container.spec, containerId, podIp };
    const timeoutMs = (probe.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    const answer = await ask(probe, target, timeoutMs, this.#tools.runtime, signal);
    const before = this.verdict;
    this.#states[kind] = afterAnswer(this.#states[kind], probe, answer.ok);
    if (!answer.ok) this.#tellFailure(kind, answer);
    if (kind !== 'readiness' && hasGivenUp(this.#states[kind], probe)) this.#fatal = this.#verdictOf(kind, probe);
    const { started, ready, fatal } = this.verdict;
    if (before.started !== started || before.ready !== ready || before.fatal !== fatal) this.#onChange();
  }

  #tellFailure(kind: ProbeKind, { output }: Answer): void {
    const { pod, container } = this.#probed;
    const text = `${TITLES[kind]} probe failed: ${output}`;
    this.#tools.events.container(pod, container.name, 'Warning', 'Unhealthy', text);
  }

  #verdictOf(kind: ProbeKind, probe: Probe): NonNullable<ProbeVerdict['fatal']> {
    const message = `Container ${this.#probed.container.name} failed ${kind} probe, will be restarted`;
    const graceSeconds = probe.terminationGracePeriodSeconds;
    return graceSeconds === undefined ? { message } : { message, graceSeconds };
  }
}
