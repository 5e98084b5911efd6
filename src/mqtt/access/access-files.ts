import { stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import { readNamedFile } from '../../base/files.ts';
import type { Logger } from '../../base/logger.ts';
import { parseAcl } from './acl-file.ts';
import type { AccessRules } from './client-access.ts';
import { parsePasswords } from './password-file.ts';

/** How often the files are looked at: by name, so that one that replaces another is seen too. */
const POLL_MS = 1_000;

export interface AccessFilesOptions {
  /** Paths; empty: none. */
  readonly passwordFile: string;
  readonly aclFile: string;
}

export interface AccessFilesNeeds {
  /** Once at the start, then at each change. */
  readonly onRules: (rules: AccessRules) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Users and rules in files. Those that cannot be read prevent a start; later they change nothing. */
export class AccessFiles implements Component {
  readonly name = 'mqtt-access-files';
  readonly #options: AccessFilesOptions;
  readonly #needs: AccessFilesNeeds;
  readonly #closing = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(options: AccessFilesOptions, needs: AccessFilesNeeds) {
    this.#options = options;
    this.#needs = needs;
  }

  async start(): Promise<void> {
    const seen = await this.#look();
    this.#needs.onRules(await this.#read());
    const { passwordFile, aclFile } = this.#options;
    if (passwordFile !== '' || aclFile !== '') this.#polling = this.#poll(seen);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#polling;
  }

  async #poll(first: string): Promise<void> {
    const { clock, logger, onRules } = this.#needs;
    const { signal } = this.#closing;
    let seen = first;
    for (;;) {
      try {
        await clock.sleep(POLL_MS, signal);
      } catch {
        return;
      }
      // Looked at before it is read: what is written meanwhile is seen the next time.
      const now = await this.#look();
      if (now === seen) continue;
      seen = now;
      try {
        onRules(await this.#read());
        logger.info({ ...this.#options }, 'the files of MQTT users and rules have changed');
      } catch (error) {
        logger.error(
          { why: messageOf(error) },
          'the files of MQTT users and rules cannot be read; what they said before holds',
        );
      }
    }
  }

  /** What tells one state of the files from another. */
  async #look(): Promise<string> {
    const { passwordFile, aclFile } = this.#options;
    const states = [passwordFile, aclFile].map((path) =>
      stat(path, { bigint: true }).then(
        ({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`,
        () => 'none',
      ),
    );
    return (await Promise.all(states)).join('; ');
  }

  async #read(): Promise<AccessRules> {
    const { passwordFile, aclFile } = this.#options;
    const passwords = passwordFile === '' ? '' : await readNamedFile('mqtt.password-file', passwordFile);
    const acl = aclFile === '' ? undefined : parseAcl(await readNamedFile('mqtt.acl-file', aclFile), aclFile);
    return { passwords: parsePasswords(passwords, passwordFile), ...(acl === undefined ? {} : { acl }) };
  }
}
