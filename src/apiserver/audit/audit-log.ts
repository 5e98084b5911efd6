/** Lines appended to a file that is rotated by its size. Nobody waits for it. */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

export interface AuditLogOptions {
  readonly file: string;
  readonly maxSizeBytes: number;
  /** Older files kept beside it: `FILE.1` is the youngest. */
  readonly maxBackups: number;
  readonly logger: Logger;
}

/** Lines that may wait for the disk; what comes when so many wait is lost, and counted. */
export const MAX_WAITING_LINES = 10_000;

export class AuditLog {
  readonly #options: AuditLogOptions;
  #waiting: string[] = [];
  #lost = 0;
  #size: number | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  write(line: string): void {
    if (this.#waiting.length >= MAX_WAITING_LINES) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when all that was written is in the file. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(`${lines.join('\n')}\n`);
      } catch (error) {
        this.#lost += lines.length;
        this.#options.logger.error({ file: this.#options.file, why: messageOf(error) }, 'audit events are lost');
      }
      if (this.#lost > 0) this.#options.logger.error({ count: this.#lost }, 'audit events were lost');
      this.#lost = 0;
    }
  }

  async #append(text: string): Promise<void> {
    const { file, maxSizeBytes } = this.#options;
    const bytes = Buffer.from(text);
    let size = this.#size ?? (await this.#open());
    if (size > 0 && size + bytes.byteLength > maxSizeBytes) {
      await this.#rotate();
      size = 0;
    }
    await appendFile(file, bytes, { mode: 0o600 });
    this.#size = size + bytes.byteLength;
  }

  async #open(): Promise<number> {
    const { file } = this.#options;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #rotate(): Promise<void> {
    const { file, maxBackups } = this.#options;
    for (let age = maxBackups - 1; age >= 1; age -= 1)
      await rename(`${file}.${age}`, `${file}.${age + 1}`).catch(absent);
    if (maxBackups > 0) await rename(file, `${file}.1`);
  }
}

/** There are not that many files yet. */
function absent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
