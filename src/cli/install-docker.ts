/** `--install-docker`: the distribution's own Docker package, installed and started where no engine answers. */
import { spawn } from 'node:child_process';
import { access, open } from 'node:fs/promises';
import { get } from 'node:http';
import { errorCode, UserError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import { readTextIfThere } from '../base/files.ts';

const SOCKET = '/var/run/docker.sock';
const DAEMON_LOG = '/var/log/dockerd-edgesite.log';
const ANSWER_DEADLINE_MS = 60_000;
const ANSWER_POLL_MS = 250;
const PING_TIMEOUT_MS = 2_000;
/** How much of the daemon's log is shown when it cannot run. */
const LOG_LINES = 5;
/** For engines that somebody else looks after. */
const NEVER = new AbortController().signal;
/** docker.io only recommends iptables; without it the engine refuses to make bridge networks. */
const PACKAGES = ['docker.io', 'iptables'];

export interface InstallSteps {
  readonly clock: Clock;
  /** Tells the user what happens. */
  readonly say: (line: string) => void;
}

/** Resolves when a Docker Engine answers. Throws UserError where that cannot be had. */
export async function installDocker({ clock, say }: InstallSteps, signal: AbortSignal): Promise<void> {
  if (await answers()) return say('Docker Engine answers already; nothing to install');
  if (process.getuid?.() !== 0) {
    throw new UserError('--install-docker needs root: run sudo ./edgesite --install-docker');
  }
  if (!(await exists('/usr/bin/dockerd')) && !(await exists('/usr/sbin/dockerd'))) {
    await requireApt();
    say(`installing ${PACKAGES.join(' and ')} with apt-get`);
    await run('apt-get', ['update', '--quiet=2'], signal);
    await run('apt-get', ['install', '--yes', '--quiet=2', '--no-install-recommends', ...PACKAGES], signal);
  }
  const ended = (await answers()) ? NEVER : await startEngine(say, signal);
  await untilAnswer(clock, ended, signal);
  say('Docker Engine answers');
}

async function requireApt(): Promise<void> {
  const release = (await readTextIfThere('/etc/os-release')) ?? '';
  const family = /^ID(?:_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
  if (family && (await exists('/usr/bin/apt-get'))) return;
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? 'this system';
  throw new UserError(
    `--install-docker knows Debian and Ubuntu only, and this is ${name}. Install Docker Engine with the system's own ` +
      'package manager, start it, and run ./edgesite without --install-docker.',
  );
}

/** Resolves to what ends with the daemon, where it is ours to start. */
async function startEngine(say: InstallSteps['say'], signal: AbortSignal): Promise<AbortSignal> {
  if (await exists('/run/systemd/system')) {
    say('starting Docker with systemctl');
    await run('systemctl', ['enable', '--now', 'docker'], signal);
    return NEVER;
  }
  say(`no init system runs here: starting dockerd itself, its log is ${DAEMON_LOG}`);
  const log = await open(DAEMON_LOG, 'a', 0o600);
  try {
    const ended = new AbortController();
    const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', log.fd, log.fd] });
    daemon.on('error', () => ended.abort());
    daemon.on('exit', () => ended.abort());
    daemon.unref();
    return ended.signal;
  } finally {
    await log.close();
  }
}

async function untilAnswer(clock: Clock, ended: AbortSignal, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + ANSWER_DEADLINE_MS;
  while (!(await answers())) {
    if (ended.aborted) throw new UserError(`dockerd ended at once. The end of its log:\n${await endOfLog()}`);
    if (clock.now() > deadline) {
      throw new UserError(
        `Docker was installed but does not answer at ${SOCKET} after ${ANSWER_DEADLINE_MS / 1000} s. ` +
          `Look at journalctl -u docker or ${DAEMON_LOG}.`,
      );
    }
    await clock.sleep(ANSWER_POLL_MS, signal);
  }
}

async function endOfLog(): Promise<string> {
  const text = (await readTextIfThere(DAEMON_LOG)) ?? '';
  return text.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath: SOCKET, path: '/_ping', timeout: PING_TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

function run(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: environment, signal });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) return resolve();
      reject(new UserError(`${command} ${args.join(' ')} failed with code ${code}; its output is above`));
    });
  });
}
