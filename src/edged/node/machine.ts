/** Reads the facts of the machine from the kernel and the operating system. */
import { readdir, readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, release } from 'node:os';
import type { MachineFacts } from './node-facts.ts';

const HUGE_PAGES_FOLDER = '/sys/kernel/mm/hugepages';
/** Names of Go, which Docker and Kubernetes use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' };

/** `dataDir` tells whose file system counts as the node's disk. What a machine does not tell stays empty or 0. */
export async function readMachine(dataDir: string): Promise<MachineFacts> {
  const [meminfo, disk, hugePages, loadavg, pidMax, osRelease, machineId, uuid, bootId] = await Promise.all([
    text('/proc/meminfo'),
    statfs(dataDir),
    readHugePages(),
    text('/proc/loadavg'),
    text('/proc/sys/kernel/pid_max'),
    text('/etc/os-release'),
    text('/etc/machine-id'),
    text('/sys/class/dmi/id/product_uuid'),
    text('/proc/sys/kernel/random/boot_id'),
  ]);
  const memory = parseMeminfo(meminfo);
  return {
    cpuCount: availableParallelism(),
    ...memory,
    diskBytes: disk.blocks * disk.bsize,
    diskAvailableBytes: disk.bavail * disk.bsize,
    hugePages,
    processes: parseProcesses(loadavg),
    maxProcesses: Number(pidMax) || Number.MAX_SAFE_INTEGER,
    architecture: ARCHITECTURES[arch()] ?? arch(),
    kernelVersion: release(),
    osImage: parseOsRelease(osRelease),
    machineId,
    systemUuid: uuid === '' ? machineId : uuid,
    bootId,
  };
}

/** `/proc/meminfo`, in KiB there and in bytes here. */
export function parseMeminfo(meminfo: string): Pick<MachineFacts, 'memoryAvailableBytes' | 'memoryBytes'> {
  const bytes = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  return { memoryBytes: bytes('MemTotal'), memoryAvailableBytes: bytes('MemAvailable') };
}

/** Threads that exist: the second number of `1/234` in `/proc/loadavg`. */
export function parseProcesses(loadavg: string): number {
  return Number(/\d+\/(\d+)/.exec(loadavg)?.[1] ?? 0);
}

/** `Debian GNU/Linux 12 (bookworm)` */
export function parseOsRelease(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux';
}

/** `hugepages-2048kB` → `2Mi` */
export function hugePageSize(folder: string): string | undefined {
  const kib = Number(/^hugepages-(\d+)kB$/.exec(folder)?.[1] ?? 0);
  if (kib === 0) return undefined;
  if (kib % (1024 * 1024) === 0) return `${kib / 1024 / 1024}Gi`;
  return kib % 1024 === 0 ? `${kib / 1024}Mi` : `${kib}Ki`;
}

async function readHugePages(): Promise<Record<string, number>> {
  const folders = await readdir(HUGE_PAGES_FOLDER).catch(() => []);
  const sizes: [string, number][] = [];
  for (const folder of folders.sort((a, b) => a.localeCompare(b))) {
    const size = hugePageSize(folder);
    const pages = Number(await text(`${HUGE_PAGES_FOLDER}/${folder}/nr_hugepages`));
    const kib = Number(/\d+/.exec(folder)?.[0]);
    if (size !== undefined) sizes.push([size, pages * kib * 1024]);
  }
  return Object.fromEntries(sizes);
}

/** Empty where the file cannot be read: containers and small machines lack some of them. */
async function text(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
