import { mkdir, writeFile } from 'node:fs/promises';
import type { Pod } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import { readTextIfThere } from '../../base/files.ts';
import { PodProblem } from '../pod-problem.ts';
import { etcHosts, locatedDns, resolvConf } from './dns-config.ts';
import type { PodTools } from './pod-tools.ts';
import { identityOf } from './pod-view.ts';
import { sandboxSpecOf } from './runtime-specs.ts';

const HOST_HOSTS = '/etc/hosts';
const HOST_RESOLV_CONF = '/etc/resolv.conf';

/** Starts a pod's sandbox and writes the files that depend on it. Throws PodProblem. */
export async function startSandbox(pod: Pod, attempt: number, tools: PodTools, signal: AbortSignal): Promise<void> {
  const { runtime, events } = tools;
  if (attempt > 0) {
    events.pod(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
  }
  try {
    const sandbox = await runtime.runSandbox(sandboxSpecOf(pod, attempt), signal);
    await writeNetworkFiles(pod, sandbox.ips, tools, signal);
  } catch (error) {
    signal.throwIfAborted();
    const text = `Failed to create pod sandbox: ${messageOf(error)}`;
    events.pod(pod, 'Warning', 'FailedCreatePodSandBox', text);
    throw new PodProblem('FailedCreatePodSandBox', text, { cause: error });
  }
}

async function writeNetworkFiles(
  pod: Pod,
  podIps: readonly string[],
  { folders, settings, runtime }: PodTools,
  signal: AbortSignal,
): Promise<void> {
  const { uid } = identityOf(pod);
  const [hosts, resolver] = await Promise.all([readTextIfThere(HOST_HOSTS), readTextIfThere(HOST_RESOLV_CONF)]);
  await mkdir(folders.pod(uid), { recursive: true });
  await writeFile(folders.etcHosts(uid), etcHosts(pod, podIps, settings.dns.domain, hosts ?? ''));
  const { gateway } = await runtime.prepare(signal);
  const own = resolvConf(pod, locatedDns(settings.dns, gateway), resolver ?? '');
  if (own !== undefined) await writeFile(folders.resolvConf(uid), own);
}
