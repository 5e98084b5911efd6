/** Validation of PriorityLevelConfigurations: upstream `pkg/apis/flowcontrol/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { defaultPriorityLevels } from '../../flowcontrol/default-objects.ts';
import type { PriorityLevelConfigurationDraft } from '../models.ts';
import { writesStatus } from '../status-rules.ts';
import type { StrategyContext } from '../strategy.ts';
import { within } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { flowConditionErrors } from './flow-schema-validation.ts';

type Spec = NonNullable<PriorityLevelConfigurationDraft['spec']>;
type Limited = NonNullable<Spec['limited']>;
type LimitResponse = NonNullable<Limited['limitResponse']>;
type Queuing = NonNullable<LimitResponse['queuing']>;

const EXEMPT = 'exempt';
const MAX_QUEUES = 10_000_000;
/** Shuffle sharding deals a hand from one hash of this many bits. */
const MAX_HASH_BITS = 60;

export function priorityLevelErrors({ metadata, spec = {}, status }: PriorityLevelConfigurationDraft): FieldError[] {
  const name = metadata?.name ?? '';
  return [
    ...((name === EXEMPT) === (spec.type === 'Exempt')
      ? []
      : [invalid('spec.type', spec.type ?? '', "type must be 'Exempt' if and only if name is 'exempt'")]),
    ...specErrors(spec),
    ...mandatoryErrors(name, spec),
    ...flowConditionErrors(status?.conditions),
  ];
}

export function priorityLevelUpdateErrors(
  object: PriorityLevelConfigurationDraft,
  _old: PriorityLevelConfigurationDraft,
  context: StrategyContext,
): FieldError[] {
  return writesStatus(context) ? flowConditionErrors(object.status?.conditions) : priorityLevelErrors(object);
}

function specErrors({ type, limited, exempt }: Spec): FieldError[] {
  switch (type) {
    case 'Exempt':
      return [
        ...(limited === undefined ? [] : [forbiddenField('spec.limited', 'must be nil if the type is not Limited')]),
        ...sharesErrors('spec.exempt', exempt),
        ...within('spec.exempt.lendablePercent', exempt?.lendablePercent, 0, 100),
      ];
    case 'Limited':
      return [
        ...(exempt === undefined ? [] : [forbiddenField('spec.exempt', 'must be nil if the type is Limited')]),
        ...(limited === undefined
          ? [required('spec.limited', 'must not be empty when type is Limited')]
          : limitedErrors(limited)),
      ];
    default:
      return [notSupported('spec.type', type ?? '', ['Exempt', 'Limited'])];
  }
}

function sharesErrors(path: string, level: { nominalConcurrencyShares?: number } | undefined): FieldError[] {
  const shares = level?.nominalConcurrencyShares ?? 0;
  return shares < 0 ? [invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : [];
}

function limitedErrors(limited: Limited): FieldError[] {
  const { limitResponse = {}, lendablePercent, borrowingLimitPercent: limit = 0 } = limited;
  return [
    ...sharesErrors('spec.limited', limited),
    ...responseErrors(limitResponse, 'spec.limited.limitResponse'),
    ...within('spec.limited.lendablePercent', lendablePercent, 0, 100),
    ...(limit < 0
      ? [invalid('spec.limited.borrowingLimitPercent', limit, 'if specified, must be a non-negative integer')]
      : []),
  ];
}

function responseErrors({ type, queuing }: LimitResponse, path: string): FieldError[] {
  const member = `${path}.queuing`;
  switch (type) {
    case 'Reject':
      if (queuing === undefined) return [];
      return [forbiddenField(member, 'must be nil if limited.limitResponse.type is not Limited')];
    case 'Queue':
      if (queuing !== undefined) return queuingErrors(queuing, member);
      return [required(member, 'must not be empty if limited.limitResponse.type is Limited')];
    default:
      return [notSupported(`${path}.type`, type ?? '', ['Queue', 'Reject'])];
  }
}

function queuingErrors({ queueLengthLimit = 0, queues = 0, handSize = 0 }: Queuing, path: string): FieldError[] {
  const detail = handDetail(queues, handSize);
  return [
    ...(queueLengthLimit <= 0 ? [invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${path}.queues`, queues, 'must be positive')] : []),
    ...(queues > MAX_QUEUES ? [invalid(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`)] : []),
    ...(detail === undefined ? [] : [invalid(`${path}.handSize`, handSize, detail)]),
  ];
}

function handDetail(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return 'must be positive';
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  if (Math.ceil(Math.log2(queues) * handSize) <= MAX_HASH_BITS) return undefined;
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`;
}

/** `catch-all` keeps the spec it was made with; of `exempt`, only what stands under `exempt` may change. */
function mandatoryErrors(name: string, spec: Spec): FieldError[] {
  if (name !== EXEMPT && name !== 'catch-all') return [];
  const fixed = defaultPriorityLevels().find(({ metadata }) => metadata?.name === name)?.spec;
  const compared = name === EXEMPT ? { ...spec, exempt: fixed?.exempt } : spec;
  if (equalJson(compared, fixed)) return [];
  const what = name === EXEMPT ? " except the 'spec.exempt' field" : '';
  const shown = goDump(spec, 'PriorityLevelConfigurationSpec');
  return [invalid('spec', shown, `spec of '${name}'${what} must equal the fixed value`)];
}
