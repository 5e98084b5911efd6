import { messageOf } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { Secret } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { Informer, type KubeClient, type SnapshotPort } from '../../client/index.ts';
import { parseAcl } from './acl-file.ts';
import type { AccessRules } from './client-access.ts';
import { parsePasswords } from './password-file.ts';

const SECRETS = builtIn('v1', 'secrets');
/** Where users and rules stand in the cluster; its keys: */
export const ACCESS_SECRET = { namespace: 'kubeedge', name: 'mqtt-access' } as const;
const PASSWORDS_KEY = 'passwords';
const ACL_KEY = 'acl';
/** Beyond it the start goes on: clients are refused until the rules are known. */
const START_WAIT_MS = 3_000;
const NO_RULES: AccessRules = { passwords: new Map() };

export interface AccessSecretNeeds {
  readonly client: KubeClient;
  /** The last known state, for a start without the API. */
  readonly snapshot: SnapshotPort<Secret>;
  /** First once the Secret, or its absence, is known; then at each change. */
  readonly onRules: (rules: AccessRules) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** Users and rules in the Secret kubeedge/mqtt-access. One that cannot be read changes nothing. */
export class AccessSecret implements Component {
  readonly name = 'mqtt-access-secret';
  readonly #needs: AccessSecretNeeds;
  readonly #informer: Informer<Secret>;

  constructor(needs: AccessSecretNeeds) {
    const { client, snapshot, clock, random, logger } = needs;
    this.#needs = needs;
    const { namespace, name } = ACCESS_SECRET;
    const scope = { resource: SECRETS, namespace, fieldSelector: `metadata.name=${name}` };
    this.#informer = new Informer<Secret>({ ...scope, client, snapshot, clock, random, logger });
  }

  /** Waits a moment for the API, so that the first clients are not refused only because they come at once. */
  async start(): Promise<void> {
    this.#informer.start();
    const known = this.#begin();
    const waiting = new AbortController();
    await Promise.race([known, this.#needs.clock.sleep(START_WAIT_MS, waiting.signal)]);
    waiting.abort();
  }

  close(): Promise<void> {
    return this.#informer.close();
  }

  async #begin(): Promise<void> {
    await this.#informer.whenSynced();
    if (this.#informer.objects.size === 0) this.#needs.onRules(NO_RULES);
    this.#informer.onChange(({ after }) => this.#read(after));
  }

  #read(secret: Secret | undefined): void {
    const { onRules, logger } = this.#needs;
    const where = `Secret ${ACCESS_SECRET.namespace}/${ACCESS_SECRET.name}`;
    const text = (key: string): string | undefined => {
      const value = secret?.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
    };
    const acl = text(ACL_KEY);
    try {
      const passwords = parsePasswords(text(PASSWORDS_KEY) ?? '', `${where} ${PASSWORDS_KEY}`);
      onRules({ passwords, ...(acl === undefined ? {} : { acl: parseAcl(acl, `${where} ${ACL_KEY}`) }) });
    } catch (error) {
      logger.error({ why: messageOf(error) }, 'the MQTT users and rules cannot be read; those before hold');
    }
  }
}
