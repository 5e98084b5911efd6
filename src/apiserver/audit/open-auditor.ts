import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../../base/errors.ts';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { Auditor } from './auditor.ts';
import { parsePolicy } from './policy.ts';

/** What to write down, and where. */
export interface AuditOptions extends Omit<AuditLogOptions, 'logger'> {
  readonly policyFile: string;
}

/** Throws UserError for a policy that cannot be read. */
export function openAuditor(
  options: AuditOptions,
  { logger, now }: Pick<AuditLogOptions, 'logger'> & { now: () => number },
): Auditor {
  const { policyFile } = options;
  let text: string;
  try {
    text = readFileSync(policyFile, 'utf8');
  } catch (error) {
    const what = `apiserver.audit-policy-file: ${policyFile} cannot be read (${messageOf(error)})`;
    throw new UserError(`${what}. Make the file readable, or leave the key empty.`, { cause: error });
  }
  return new Auditor({ policy: parsePolicy(text, policyFile), log: new AuditLog({ ...options, logger }), now });
}
