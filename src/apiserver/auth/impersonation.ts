/** Asking as somebody else: the `Impersonate-…` headers, for those who may. */
import { badRequest } from '../../api/status-error.ts';
import {
  AUTHENTICATED,
  accessDenied,
  type Attributes,
  type Authorizer,
  quotedList,
  resourceAttributes,
  serviceAccountGroups,
} from '../../auth/index.ts';
import type { Caller } from '../../client/index.ts';

type Headers = Readonly<Record<string, string>>;

interface Wish {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const EXTRA_PREFIX = 'impersonate-extra-';
const AUTHENTICATION_GROUP = 'authentication.k8s.io';

export function isImpersonating(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.startsWith('impersonate-'));
}

/** The caller that the request wants to be; the caller itself where it wants nothing. Throws BadRequest, Forbidden. */
export function impersonated(caller: Caller, headers: Headers, attributes: Attributes, authorizer: Authorizer): Caller {
  const wish = wishOf(headers);
  return wish === undefined ? caller : granted(caller, wish, attributes, authorizer);
}

/** The caller that somebody in the process speaks for. Throws Forbidden. */
export function onBehalfOf(caller: Caller, other: Caller, attributes: Attributes, authorizer: Authorizer): Caller {
  const { name: user, uid = '', groups, extra = {} } = other;
  return granted(caller, { user, uid, groups, extra }, attributes, authorizer);
}

function granted(caller: Caller, wish: Wish, attributes: Attributes, authorizer: Authorizer): Caller {
  const targets = targetsOf(wish);
  const allowed = (checks: readonly Attributes[]): boolean =>
    checks.every((check) => authorizer.authorize(caller, check).allowed);
  if (!allowed(targets.map((target) => ({ ...target, verb: 'impersonate' })))) {
    assertConstrained(caller, wish, targets, attributes, authorizer);
  }
  return become(wish);
}

/** The finer permission: to do this as somebody, and to be these. */
function assertConstrained(
  caller: Caller,
  wish: Wish,
  targets: readonly Attributes[],
  attributes: Attributes,
  authorizer: Authorizer,
): void {
  const mode = serviceAccountOf(wish.user) === undefined ? 'user-info' : 'serviceaccount';
  const checks = [
    { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` },
    ...targets.map((target) => ({ ...target, group: AUTHENTICATION_GROUP, verb: `impersonate:${mode}` })),
  ];
  for (const check of checks) {
    const decision = authorizer.authorize(caller, check);
    if (!decision.allowed) throw accessDenied(caller, check, decision.reason);
  }
}

function wishOf(headers: Headers): Wish | undefined {
  const wish = {
    user: headers['impersonate-user'] ?? '',
    uid: headers['impersonate-uid'] ?? '',
    groups: listOf(headers['impersonate-group']),
    extra: extraOf(headers),
  };
  if (wish.user !== '') return wish;
  if (wish.uid === '' && wish.groups.length === 0 && Object.keys(wish.extra).length === 0) return undefined;
  throw badRequest(`requested ${goText(wish)} without impersonating a user name`);
}

/** Lines of the same header arrive joined by commas. */
function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function extraOf(headers: Headers): Record<string, string[]> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA_PREFIX));
  return Object.fromEntries(found.map(([name, value]) => [unescaped(name.slice(EXTRA_PREFIX.length)), listOf(value)]));
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** What must be allowed one by one: the user, each group, the uid, each value of each extra. */
function targetsOf({ user, uid, groups, extra }: Wish): Attributes[] {
  const account = serviceAccountOf(user);
  const target = (resource: string, name: string, more: Partial<Attributes> = {}): Attributes =>
    resourceAttributes({ resource, name, ...more });
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) =>
      target('userextras', value, { group: AUTHENTICATION_GROUP, version: 'v1', subresource: key }),
    ),
  );
  return [
    account === undefined
      ? target('users', user)
      : target('serviceaccounts', account.name, { namespace: account.namespace }),
    ...groups.map((group) => target('groups', group)),
    ...(uid === '' ? [] : [target('uids', uid, { group: AUTHENTICATION_GROUP, version: 'v1' })]),
    ...extras,
  ];
}

function become({ user, uid, groups, extra }: Wish): Caller {
  const account = serviceAccountOf(user);
  const own = groups.length === 0 && account !== undefined ? serviceAccountGroups(account.namespace) : groups;
  const known = user === 'system:anonymous' ? 'system:unauthenticated' : AUTHENTICATED;
  return {
    name: user,
    groups: own.includes(known) ? own : [...own, known],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  return match === null ? undefined : { namespace: match[1] ?? '', name: match[2] ?? '' };
}

/** A user as Go dumps it: upstream's message does. */
function goText({ uid, groups, extra }: Wish): string {
  const list = (values: readonly string[]): string => `{${quotedList(values).slice(1, -1).replaceAll('" "', '", "')}}`;
  const entries = Object.entries(extra).map(([key, values]) => `${JSON.stringify(key)}:[]string${list(values)}`);
  const extraText = entries.length === 0 ? '(nil)' : `{${entries.join(', ')}}`;
  const groupText = groups.length === 0 ? '[]string(nil)' : `[]string${list(groups)}`;
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groupText}, Extra:map[string][]string${extraText}}`;
}
