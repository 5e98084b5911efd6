/** Tokens with which a node asks for its first certificate: secrets `bootstrap-token-ID` in kube-system. */
import { timingSafeEqual } from 'node:crypto';
import type { KubeObject } from '../../../api/object.ts';
import type { TokenObjects } from '../../../auth/index.ts';
import type { Caller } from '../../../client/index.ts';

const FORMAT = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const SECRET_TYPE = 'bootstrap.kubernetes.io/token';
const BASE_GROUP = 'system:bootstrappers';

/** Undefined where the text is no such token, or none that is good. */
export async function bootstrapCaller(token: string, objects: TokenObjects, now: number): Promise<Caller | undefined> {
  const match = FORMAT.exec(token);
  if (match === null) return undefined;
  const [, id = '', secret = ''] = match;
  const object = await objects.get('secrets', 'kube-system', `bootstrap-token-${id}`);
  if (object === undefined || object['type'] !== SECRET_TYPE || object.metadata?.deletionTimestamp !== undefined) {
    return undefined;
  }
  const read = (key: string): string => dataOf(object, key);
  const expiration = read('expiration');
  const good =
    read('token-id') === id &&
    sameText(read('token-secret'), secret) &&
    read('usage-bootstrap-authentication') === 'true' &&
    (expiration === '' || now < Date.parse(expiration));
  if (!good) return undefined;
  const extra = read('auth-extra-groups').split(',');
  const groups = extra.filter((group) => group.startsWith(`${BASE_GROUP}:`));
  return { name: `system:bootstrap:${id}`, groups: [BASE_GROUP, ...groups, 'system:authenticated'] };
}

function dataOf(secret: KubeObject, key: string): string {
  const value = (secret['data'] as Record<string, string> | null | undefined)?.[key];
  return value === undefined ? '' : Buffer.from(value, 'base64').toString();
}

/** Takes the same time wherever the texts differ. */
function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
