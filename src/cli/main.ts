/** The program: arguments → configuration → site. The only file that ends the process. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import { createLogger, type Logger } from '../base/logger.ts';
import { loadConfig, minimalConfig, sampleConfig } from '../config/index.ts';
import { Site } from '../site/index.ts';
import { parseArguments, type RunArguments } from './arguments.ts';
import { installDocker } from './install-docker.ts';

/** Set by the build; absent when the sources run as they are. */
declare const EDGESITE_VERSION: string | undefined;

const FAILURE = 1;
/** A close that hangs is cut off: the supervisor shall not wait for ever. */
const CLOSE_DEADLINE_MS = 60_000;

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const line = parseArguments(argv, versionOf());
    switch (line.print) {
      case 'help':
      case 'version':
        process.stdout.write(line.text);
        return 0;
      case 'defaultconfig':
        process.stdout.write(sampleConfig());
        return 0;
      case 'minconfig':
        process.stdout.write(minimalConfig());
        return 0;
      case 'nothing':
        return await runSite(line.run);
    }
  } catch (error) {
    if (error instanceof UserError) process.stderr.write(`edgesite: ${error.message}\n`);
    else process.stderr.write(`edgesite: this is a defect of edgesite\n${stackOf(error)}\n`);
    return FAILURE;
  }
}

async function runSite(run: RunArguments): Promise<number> {
  const set = run.dataDir === undefined ? run.set : [...run.set, `data-dir=${JSON.stringify(run.dataDir)}`];
  const config = await loadConfig({ file: run.config, environment: process.env, set });
  const logger = createLogger({ ...config.log, write: (text) => process.stderr.write(text) });
  const starting = new AbortController();
  const stop = stopSignal(logger, starting);
  const site = new Site({
    config,
    version: versionOf(),
    clock: systemClock,
    random: Math.random,
    logger,
    onFatal: (component, error) => stop.fail(component, error),
  });
  try {
    if (run.installDocker) {
      await installDocker({ clock: systemClock, say: (text) => logger.info({}, text) }, starting.signal);
    }
    const ready = await site.start(starting.signal);
    process.stdout.write(`edgesite is ready: ${ready.join(', ')}\n`);
    await stop.requested;
  } catch (error) {
    if (!starting.signal.aborted) throw error;
  } finally {
    await closeInTime(site, logger);
  }
  return stop.failed() ? FAILURE : 0;
}

interface Stop {
  /** Resolves at SIGINT, SIGTERM or a component's failure. */
  readonly requested: Promise<void>;
  fail(component: string, error: unknown): void;
  failed(): boolean;
}

function stopSignal(logger: Logger, starting: AbortController): Stop {
  const { promise, resolve } = Promise.withResolvers<void>();
  let failed = false;
  const request = (why: string): void => {
    logger.info({ why }, 'stopping');
    starting.abort(new UserError(`stopped by ${why}`));
    resolve();
  };
  let asked = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    asked += 1;
    // Who asks twice does not want to wait for the drain.
    if (asked > 1) process.exit(FAILURE);
    request(name);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    requested: promise,
    fail: (component, error) => {
      failed = true;
      logger.error({ part: component, error: stackOf(error) }, 'a part of the site failed');
      request(`the failure of ${component}`);
    },
    failed: () => failed,
  };
}

async function closeInTime(site: Site, logger: Logger): Promise<void> {
  const late = setTimeout(() => {
    logger.error({ deadlineMs: CLOSE_DEADLINE_MS }, 'the site did not close in time');
    process.exit(FAILURE);
  }, CLOSE_DEADLINE_MS);
  await site.close();
  clearTimeout(late);
}

function versionOf(): string {
  if (typeof EDGESITE_VERSION === 'string') return EDGESITE_VERSION;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  return version;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
