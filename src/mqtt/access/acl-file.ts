/** Who may publish and subscribe what, in the format of mosquitto's ACL files, with groups beside users. */
import { UserError } from '../../base/errors.ts';
import { isTopicFilter } from '../topic.ts';
import { covers, overlap } from './filter-sets.ts';

/** In patterns: the user's name, and the client id. */
const USER = '%u';
const CLIENT = '%c';
const MAX_RULES = 100_000;

const ACCESSES = ['read', 'write', 'readwrite', 'deny'] as const;
type Access = (typeof ACCESSES)[number];

export interface AclSubject {
  /** Empty: nobody in particular. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly clientId: string;
}

interface Rule {
  readonly access: Access;
  readonly filter: string;
}

export interface Acl {
  readonly anonymous: readonly Rule[];
  readonly users: ReadonlyMap<string, readonly Rule[]>;
  readonly groups: ReadonlyMap<string, readonly Rule[]>;
  /** For everybody, with the subject's names filled in. */
  readonly patterns: readonly Rule[];
}

/**
 * `topic [read|write|readwrite|deny] FILTER` for the `user NAME` or `group NAME` above it, before the first for anonymous
 * clients; `pattern …` for everybody, with %u and %c. What no rule allows is denied; `deny` wins.
 * @param where - names the text in errors: a path, or a Secret
 */
export function parseAcl(text: string, where: string): Acl {
  const anonymous: Rule[] = [];
  const users = new Map<string, Rule[]>();
  const groups = new Map<string, Rule[]>();
  const patterns: Rule[] = [];
  let current = anonymous;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [keyword = '', ...rest] = line.split(/\s+/);
    const value = line.slice(keyword.length).trim();
    if (index > MAX_RULES) throw new UserError(`${where}: more than ${MAX_RULES} lines.`);
    if (keyword === 'user' && value !== '') current = rulesOf(users, value);
    else if (keyword === 'group' && value !== '') current = rulesOf(groups, value);
    else if (keyword === 'topic') current.push(ruleOf(rest, value, `${where}:${index + 1}`));
    else if (keyword === 'pattern') patterns.push(ruleOf(rest, value, `${where}:${index + 1}`));
    else throw new UserError(`${where}:${index + 1}: expected "user NAME", "group NAME", "topic …" or "pattern …".`);
  }
  return { anonymous, users, groups, patterns };
}

function rulesOf(known: Map<string, Rule[]>, name: string): Rule[] {
  const rules = known.get(name) ?? [];
  known.set(name, rules);
  return rules;
}

function ruleOf([first = '']: readonly string[], value: string, where: string): Rule {
  const named = ACCESSES.find((access) => access === first);
  const filter = named === undefined ? value : value.slice(named.length).trim();
  if (!isTopicFilter(filter)) throw new UserError(`${where}: "${filter}" is no topic filter.`);
  return { access: named ?? 'readwrite', filter };
}

export function aclAllowsPublish(acl: Acl, subject: AclSubject, topic: string): boolean {
  return allows(
    acl,
    subject,
    'write',
    (filter) => covers(filter, topic),
    (filter) => covers(filter, topic),
  );
}

/** All that the filter selects must be allowed by one rule, and nothing of it denied. */
export function aclAllowsSubscribe(acl: Acl, subject: AclSubject, wanted: string): boolean {
  return allows(
    acl,
    subject,
    'read',
    (filter) => covers(filter, wanted),
    (filter) => overlap(filter, wanted),
  );
}

function allows(
  acl: Acl,
  subject: AclSubject,
  wanted: 'read' | 'write',
  grants: (filter: string) => boolean,
  denies: (filter: string) => boolean,
): boolean {
  const rules = rulesFor(acl, subject);
  if (rules.some(({ access, filter }) => access === 'deny' && denies(filter))) return false;
  return rules.some(({ access, filter }) => (access === wanted || access === 'readwrite') && grants(filter));
}

function rulesFor(acl: Acl, subject: AclSubject): readonly Rule[] {
  const own = subject.name === '' ? acl.anonymous : (acl.users.get(subject.name) ?? []);
  const shared = subject.groups.flatMap((group) => acl.groups.get(group) ?? []);
  return [...own, ...shared, ...acl.patterns.map((rule) => filled(rule, subject)).filter((rule) => rule !== undefined)];
}

/** Names with the signs of filters in them could open more than meant: such a pattern is not for this subject. */
function filled(rule: Rule, { name, clientId }: AclSubject): Rule | undefined {
  const { filter } = rule;
  if (filter.includes(USER) && !isLevel(name)) return undefined;
  if (filter.includes(CLIENT) && !isLevel(clientId)) return undefined;
  return { ...rule, filter: filter.replaceAll(USER, name).replaceAll(CLIENT, clientId) };
}

function isLevel(name: string): boolean {
  return name !== '' && !/[+#/%]/.test(name);
}
