import { pino, type Logger as PinoLogger } from 'pino';

/**
 * Levels as law: `error` wants a person today, `warn` tells of something that will mend itself or needs a person some
 * day, `info` is the life of the site (a line per start, stop, change of state), `debug` follows single objects.
 * Log where you handle; never where you rethrow. Secrets and tokens never reach a log line.
 */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  /** A logger whose lines name the component. */
  child(component: string): Logger;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogOptions {
  readonly level: LogLevel;
  /** `text` for people, `json` for programs. */
  readonly format: 'text' | 'json';
  readonly write: (line: string) => void;
}

export function createLogger(options: LogOptions): Logger {
  const destination = {
    write: options.format === 'json' ? options.write : (line: string) => options.write(asText(line)),
  };
  const root = pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return new SiteLogger(root);
}

/** Swallows everything: for tests that look elsewhere. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silentLogger,
};

class SiteLogger implements Logger {
  readonly #pino: PinoLogger;

  constructor(root: PinoLogger) {
    this.#pino = root;
  }

  error(fields: object, message: string): void {
    this.#pino.error(fields, message);
  }

  warn(fields: object, message: string): void {
    this.#pino.warn(fields, message);
  }

  info(fields: object, message: string): void {
    this.#pino.info(fields, message);
  }

  debug(fields: object, message: string): void {
    this.#pino.debug(fields, message);
  }

  child(component: string): Logger {
    return new SiteLogger(this.#pino.child({ component }));
  }
}

const LEVEL_NAMES: Readonly<Record<number, string>> = { 20: 'DEBUG', 30: 'INFO', 40: 'WARN', 50: 'ERROR' };

/** `2026-11-21T04:05:06.789Z INFO  edged: pod started pod=default/web` from a line of JSON. */
function asText(line: string): string {
  const { level, time, component, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const name = (LEVEL_NAMES[Number(level)] ?? String(level)).padEnd(5);
  const source = typeof component === 'string' ? ` ${component}:` : '';
  return `${String(time)} ${name}${source} ${String(msg)}${asPairs(fields)}\n`;
}

function asPairs(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${asValue(value)}`)
    .join('');
}

function asValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message);
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? 'undefined';
}
