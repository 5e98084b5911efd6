/** What a validating policy says of one request: upstream `admission/plugin/policy/validating/validator.go`. */
import type { StatusReason } from '../../../api/status-error.ts';
import { compile, type CelValue, RUNTIME_BUDGET, type Variables } from '../../cel/index.ts';
import { matchConditions } from '../match-conditions.ts';
import { ExpressionRun, type Outcome, type Variable } from './expression-run.ts';
import type { Policy, PolicySpec } from './policy-index.ts';
import { policyVariable, type PolicyInput } from './policy-scope.ts';

export interface Validation {
  readonly expression?: string | undefined;
  readonly message?: string | undefined;
  readonly messageExpression?: string | undefined;
  readonly reason?: string | undefined;
}

export interface AuditAnnotation {
  readonly key?: string | undefined;
  readonly valueExpression?: string | undefined;
}

export interface ValidatingSpec extends PolicySpec {
  readonly validations?: readonly Validation[] | undefined;
  readonly auditAnnotations?: readonly AuditAnnotation[] | undefined;
}

export interface Denial {
  readonly message: string;
  readonly reason: StatusReason;
  /** Of the validation; undefined where the policy could not be asked. */
  readonly index?: number;
  /** Whether it stands whatever the binding does with violations. */
  readonly always?: boolean;
}

export interface Decision {
  readonly denials: readonly Denial[];
  readonly annotations: readonly (readonly [string, string])[];
}

const MAX_MESSAGE_BYTES = 5 * 1024;
const NOTHING: Decision = { denials: [], annotations: [] };

export function decide(policy: Policy<ValidatingSpec>, input: PolicyInput): Decision {
  const { spec, scope } = policy;
  const run = new ExpressionRun(RUNTIME_BUDGET);
  const variable = policyVariable(scope, input, run);
  const matched = matchConditions(spec.matchConditions, scope.full, variable);
  if (matched.matches === false) return NOTHING;
  const strict = spec.failurePolicy !== 'Ignore';
  if (matched.matches === 'unknown') {
    return strict ? { denials: [{ message: matched.error, reason: 'Invalid' }], annotations: [] } : NOTHING;
  }
  const judge = { policy, run, variable, strict };
  const denials = (spec.validations ?? []).flatMap((validation, index) => judged(validation, index, judge));
  const outcomes = (spec.auditAnnotations ?? []).map((each) => annotated(each, judge));
  return {
    denials: [...denials, ...outcomes.flatMap(({ denial }) => denial ?? [])],
    annotations: outcomes.flatMap(({ annotation }) => (annotation === undefined ? [] : [annotation])),
  };
}

interface Judge {
  readonly policy: Policy<ValidatingSpec>;
  readonly run: ExpressionRun;
  readonly variable: Variable;
  readonly strict: boolean;
}

function evaluate(text: string, variables: Variables, { run, variable }: Judge): Outcome {
  return run.evaluate(text, compile(text, variables), variable);
}

function judged(validation: Validation, index: number, judge: Judge): Denial[] {
  const outcome = evaluate(validation.expression ?? '', judge.policy.scope.full, judge);
  if ('error' in outcome) return judge.strict ? [{ message: outcome.error, reason: 'Invalid', index }] : [];
  if (outcome.value === true) return [];
  // The API admits these reasons only.
  return [{ message: messageOf(validation, judge), reason: (validation.reason ?? 'Invalid') as StatusReason, index }];
}

function messageOf({ messageExpression, message, expression }: Validation, judge: Judge): string {
  const own = (message ?? '').trim();
  const fallback = own === '' ? `failed expression: ${(expression ?? '').trim()}` : own;
  if (messageExpression === undefined || messageExpression === '') return fallback;
  const outcome = evaluate(messageExpression, judge.policy.scope.plain, judge);
  if ('error' in outcome || typeof outcome.value !== 'string') return fallback;
  const text = outcome.value.trim();
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > MAX_MESSAGE_BYTES ? fallback : text;
}

interface Annotated {
  readonly annotation?: readonly [string, string];
  readonly denial?: Denial;
}

function annotated({ key = '', valueExpression = '' }: AuditAnnotation, judge: Judge): Annotated {
  const outcome = evaluate(valueExpression, judge.policy.scope.full, judge);
  const wrong = (message: string): Annotated => ({ denial: { message, reason: 'Invalid', always: true } });
  if ('error' in outcome) return judge.strict ? wrong(outcome.error) : {};
  return annotationOf(key, outcome.value) ?? wrong(unsupported(valueExpression, outcome.value));
}

function annotationOf(key: string, value: CelValue): Annotated | undefined {
  if (value === null) return {};
  if (typeof value !== 'string') return undefined;
  return value.trim() === '' ? {} : { annotation: [key, value.trim()] };
}

function unsupported(expression: string, value: CelValue): string {
  return `valueExpression '${expression}' resulted in unsupported return type: ${typeof value}. Return type must be either string or null.`;
}
