/**
 * Which names a definition gets and whether it is served: upstream `pkg/controller/status/naming_controller.go` and
 * `pkg/controller/establish`. Pure.
 */
import { equalJson } from '../../../api/json.ts';
import type { Crd, CrdCondition, CrdNames, CrdStatus } from './model.ts';

/** The status that `crd` should have among `all`; the very object it has where nothing is to be done. */
export function planStatus(crd: Crd, all: readonly Crd[], now: string): CrdStatus {
  const current = crd.status ?? {};
  const taken = namesOfOthers(crd, all);
  const wanted = crd.spec?.names ?? {};
  const { accepted, problem } = acceptNames(wanted, current.acceptedNames ?? {}, taken);
  const before = current.conditions ?? [];
  const wasEstablished = before.some(({ type, status }) => type === 'Established' && status === 'True');
  const names: CrdCondition =
    problem === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...problem };
  const conditions = [names, established(wasEstablished, problem !== undefined)].reduce(
    (list, condition) => withCondition(list, condition, now),
    before,
  );
  const next: CrdStatus = { ...current, conditions, acceptedNames: accepted };
  return equalJson(next, current) ? current : next;
}

/** Once established, a definition stays so. */
function established(was: boolean, conflict: boolean): CrdCondition {
  if (was || !conflict) {
    const message = 'the initial names have been accepted';
    return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message };
  }
  return { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

interface Taken {
  /** Plurals, singulars and short names. */
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function namesOfOthers(crd: Crd, all: readonly Crd[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of all) {
    if (other.spec?.group !== crd.spec?.group || other.metadata?.name === crd.metadata?.name) continue;
    const names = other.status?.acceptedNames ?? {};
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) resources.add(name);
    for (const kind of [names.kind, names.listKind]) if (kind) kinds.add(kind);
  }
  return { resources, kinds };
}

interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** What is free is taken; of what is not, the last conflict is told. */
function acceptNames(wanted: CrdNames, had: CrdNames, taken: Taken): { accepted: CrdNames; problem?: Problem } {
  const problems: Problem[] = [];
  const pick = <T>(value: T, held: T, conflicts: readonly string[], reason: string): T => {
    if (conflicts.length === 0) return value;
    const texts = conflicts.map((name) => `${JSON.stringify(name)} is already in use`);
    problems.push({ reason, message: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]` });
    return held;
  };
  const used = (name: string | undefined, names: ReadonlySet<string>): string[] =>
    name !== undefined && names.has(name) ? [name] : [];
  const shortConflicts = (wanted.shortNames ?? []).filter((name) => taken.resources.has(name));
  const accepted = {
    plural: pick(wanted.plural ?? '', had.plural ?? '', used(wanted.plural, taken.resources), 'PluralConflict'),
    singular: pick(wanted.singular, had.singular, used(wanted.singular, taken.resources), 'SingularConflict'),
    shortNames: pick(wanted.shortNames, had.shortNames, shortConflicts, 'ShortNamesConflict'),
    kind: pick(wanted.kind ?? '', had.kind ?? '', used(wanted.kind, taken.kinds), 'KindConflict'),
    listKind: pick(wanted.listKind, had.listKind, used(wanted.listKind, taken.kinds), 'ListKindConflict'),
    categories: wanted.categories,
  };
  const last = problems.at(-1);
  return { accepted: withoutAbsent(accepted), ...(last === undefined ? {} : { problem: last }) };
}

function withoutAbsent(names: { [K in keyof CrdNames]: CrdNames[K] | undefined }): CrdNames {
  return Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
}

/** The time moves only with the status. */
export function withCondition(
  conditions: readonly CrdCondition[],
  condition: CrdCondition,
  now: string,
): readonly CrdCondition[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = old?.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  const { type, status, ...why } = condition;
  const next = { type, status, lastTransitionTime, ...why };
  return old === undefined ? [...conditions, next] : conditions.map((each) => (each === old ? next : each));
}
