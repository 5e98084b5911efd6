/** What the labels of a namespace ask of its pods. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import { BASELINE } from './baseline.ts';
import type { PodTemplate, Violation } from './check.ts';
import { RESTRICTED } from './restricted.ts';

const MODES = ['enforce', 'audit', 'warn'] as const;
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
type Mode = (typeof MODES)[number];
type Level = (typeof LEVELS)[number];

export interface Standard {
  readonly level: Level;
  /** The minor version of Kubernetes 1 whose standard counts; Infinity for `latest`. */
  readonly minor: number;
}

export interface Policy extends Readonly<Record<Mode, Standard>> {
  readonly errors: readonly FieldError[];
}

type Labels = Readonly<Record<string, string>>;

/** A label that makes no sense counts as the strictest. */
export function policyOf(labels: Labels = {}): Policy {
  const errors: FieldError[] = [];
  const standard = (mode: Mode): Standard => {
    const level = labels[`pod-security.kubernetes.io/${mode}`];
    const version = labels[`pod-security.kubernetes.io/${mode}-version`];
    return { level: levelOf(level, mode, errors), minor: minorOf(version, mode, errors) };
  };
  return { enforce: standard('enforce'), audit: standard('audit'), warn: standard('warn'), errors };
}

function levelOf(text: string | undefined, mode: Mode, errors: FieldError[]): Level {
  if (text === undefined) return 'privileged';
  const level = LEVELS.find((each) => each === text);
  if (level !== undefined) return level;
  const path = `metadata.labels[pod-security.kubernetes.io/${mode}]`;
  errors.push(invalid(path, text, `must be one of ${LEVELS.join(', ')}`));
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

function minorOf(text: string | undefined, mode: Mode, errors: FieldError[]): number {
  if (text === undefined || text === 'latest') return Number.POSITIVE_INFINITY;
  const match = /^v1\.(0|[1-9][0-9]*)$/.exec(text);
  if (match !== null) return Number(match[1]);
  const path = `metadata.labels[pod-security.kubernetes.io/${mode}-version]`;
  errors.push(invalid(path, text, 'must be "latest" or "v1.x"'));
  return Number.POSITIVE_INFINITY;
}

/** `restricted:v1.25` */
export function standardText({ level, minor }: Standard): string {
  return `${level}:${minor === Number.POSITIVE_INFINITY ? 'latest' : `v1.${minor}`}`;
}

export function isStricter(one: Standard, other: Standard): boolean {
  return LEVELS.indexOf(one.level) > LEVELS.indexOf(other.level) || one.minor !== other.minor;
}

/** All that a pod does against a standard, `baseline` first. */
export function violations(pod: PodTemplate, { level, minor }: Standard): Violation[] {
  if (level === 'privileged') return [];
  const checks = (level === 'restricted' ? [...BASELINE, ...RESTRICTED] : BASELINE).filter(
    ({ since = 0 }) => since <= minor,
  );
  const overridden = new Set(checks.map(({ overrides }) => overrides));
  return checks.filter(({ id }) => !overridden.has(id)).flatMap((check) => check.find(pod, minor) ?? []);
}
