import { KIND_FORMS, WIRE_FORMS } from './wire-forms.ts';
import { canonicalQuantity } from '../../../api/quantity.ts';

type Members = Record<string, unknown>;
type Rule = (owner: Members) => void;

const ZERO = { s: '', i: 0, b: false } as const;

/**
 * Gives an object the form that Go's types give it on the wire: zero values and empty lists leave, fields without
 * `omitempty` appear, quantities become canonical. In place; doing it again changes nothing.
 */
export function toWireForm(object: Members, kind: string): void {
  const type = KIND_FORMS[kind];
  if (type === undefined) normalMeta(object);
  else for (const rule of rulesOf(type)) rule(object);
}

/** What `metadata` alone needs, for kinds without a table. */
function normalMeta(object: Members): void {
  const metadata = object.metadata;
  if (isMembers(metadata)) for (const rule of rulesOf('ObjectMeta')) rule(metadata);
}

const rulesByType = new Map<string, Rule[]>();

function rulesOf(type: string): Rule[] {
  const known = rulesByType.get(type);
  if (known !== undefined) return known;
  const rules: Rule[] = [];
  rulesByType.set(type, rules);
  for (const text of (WIRE_FORMS[type] ?? '').split(' ')) if (text !== '') rules.push(ruleOf(text));
  return rules;
}

const RULE = /^([~!]?)([^=:[\]{}]+)(\[\]|\{\})?(?:=([sib]))?(?::(.+))?$/;

function ruleOf(text: string): Rule {
  const [, mark = '', field = '', container, zero, type] = RULE.exec(text) ?? [];
  if (mark === '~') return (owner) => dropZero(owner, field);
  if (zero !== undefined) return (owner) => fillScalar(owner, field, ZERO[zero as keyof typeof ZERO]);
  const always = mark === '!';
  if (container === '[]') return (owner) => listRule(owner, field, always, type);
  if (container === '{}') return (owner) => mapRule(owner, field, always, type);
  if (type === 'Q') return (owner) => quantityRule(owner, field, always);
  if (type === 'T' || type === 'M') return (owner) => fillScalar(owner, field, null);
  return (owner) => structRule(owner, field, always, type ?? '');
}

function dropZero(owner: Members, field: string): void {
  const value = owner[field];
  if (value === null || value === '' || value === 0 || value === false) delete owner[field];
}

function fillScalar(owner: Members, field: string, zero: unknown): void {
  owner[field] ??= zero;
}

function listRule(owner: Members, field: string, always: boolean, type: string | undefined): void {
  const list = owner[field];
  if (!Array.isArray(list)) return fillEmpty(owner, field, always);
  // An empty list that somebody wrote is one; only `omitempty` drops it.
  if (list.length === 0 && !always) return fillEmpty(owner, field, always);
  if (type === 'Q') owner[field] = list.map(canonical);
  else if (type !== undefined) for (const item of list) applyTo(item, type);
}

function mapRule(owner: Members, field: string, always: boolean, type: string | undefined): void {
  const map = owner[field];
  if (!isMembers(map) || Object.keys(map).length === 0) return fillEmpty(owner, field, always);
  for (const [key, value] of Object.entries(map)) {
    if (type === 'Q') map[key] = canonical(value);
    else if (type !== undefined) applyTo(value, type);
  }
}

function fillEmpty(owner: Members, field: string, always: boolean): void {
  if (always) owner[field] = null;
  else delete owner[field];
}

function quantityRule(owner: Members, field: string, always: boolean): void {
  if (owner[field] !== undefined && owner[field] !== null) owner[field] = canonical(owner[field]);
  else if (always) owner[field] = '0';
  else delete owner[field];
}

function structRule(owner: Members, field: string, always: boolean, type: string): void {
  if (owner[field] === null) delete owner[field];
  if (owner[field] === undefined && always) owner[field] = {};
  applyTo(owner[field], type);
}

function applyTo(value: unknown, type: string): void {
  if (isMembers(value)) for (const rule of rulesOf(type)) rule(value);
}

/** Quantities that do not parse stay: validation speaks of them. */
function canonical(value: unknown): unknown {
  return typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(String(value)) : value;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
