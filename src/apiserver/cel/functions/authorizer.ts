/** The authorizer library: apiserver `pkg/cel/library/authz.go`. */
import { FieldSelector } from '../../../api/field-selectors.ts';
import { type Attributes, type Decision, pathAttributes, resourceAttributes } from '../../../auth/index.ts';
import type { CallCost, Library } from '../overload.ts';
import { CelError, Opaque } from '../values.ts';

/** Decides for whoever sent the request, or for a service account. */
export interface Decider {
  authorize(attributes: Attributes): Decision;
  /** Asks for a service account instead. */
  as(namespace: string, name: string): Decider;
}

/** Two of them are all that an expression may pay for. */
const checkCost: CallCost = () => 350_000;

abstract class Unequal extends Opaque {
  equals(other: Opaque): boolean {
    return this === other;
  }
}

export class AuthorizerValue extends Unequal {
  readonly typeName = 'kubernetes.authorization.Authorizer';
  readonly decider: Decider;

  constructor(decider: Decider) {
    super();
    this.decider = decider;
  }
}

class PathCheck extends Unequal {
  readonly typeName = 'kubernetes.authorization.PathCheck';
  readonly decider: Decider;
  readonly path: string;

  constructor(decider: Decider, path: string) {
    super();
    this.decider = decider;
    this.path = path;
  }
}

class GroupCheck extends Unequal {
  readonly typeName = 'kubernetes.authorization.GroupCheck';
  readonly decider: Decider;
  readonly group: string;

  constructor(decider: Decider, group: string) {
    super();
    this.decider = decider;
    this.group = group;
  }
}

export class ResourceCheck extends Unequal {
  readonly typeName = 'kubernetes.authorization.ResourceCheck';
  readonly decider: Decider;
  readonly attributes: Partial<Attributes>;

  constructor(decider: Decider, attributes: Partial<Attributes>) {
    super();
    this.decider = decider;
    this.attributes = attributes;
  }

  with(attributes: Partial<Attributes>): ResourceCheck {
    return new ResourceCheck(this.decider, { ...this.attributes, ...attributes });
  }
}

class DecisionValue extends Unequal {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly decision: Decision;

  constructor(decision: Decision) {
    super();
    this.decision = decision;
  }
}

const AUTHORIZER = 'kubernetes.authorization.Authorizer';
const PATH = 'kubernetes.authorization.PathCheck';
const GROUP = 'kubernetes.authorization.GroupCheck';
const RESOURCE = 'kubernetes.authorization.ResourceCheck';
const DECISION = 'kubernetes.authorization.Decision';

function filled(text: string, what: string): string {
  if (text === '') throw new CelError(`${what} must not be empty`);
  return text;
}

/** A selector that cannot be read narrows nothing. */
function selectFields(check: ResourceCheck, text: string): ResourceCheck {
  try {
    return check.with({ fields: FieldSelector.parse(text) });
  } catch {
    return check;
  }
}

export const authorizer: Library = {
  [`${AUTHORIZER}.path(string): ${PATH}`]: ({ decider }: AuthorizerValue, path: string) =>
    new PathCheck(decider, filled(path, 'path')),
  [`${AUTHORIZER}.group(string): ${GROUP}`]: ({ decider }: AuthorizerValue, group: string) =>
    new GroupCheck(decider, group),
  [`${AUTHORIZER}.serviceAccount(string, string): ${AUTHORIZER}`]: (
    { decider }: AuthorizerValue,
    namespace: string,
    name: string,
  ) => new AuthorizerValue(decider.as(namespace, name)),
  [`${GROUP}.resource(string): ${RESOURCE}`]: ({ decider, group }: GroupCheck, resource: string) =>
    new ResourceCheck(decider, { group, resource: filled(resource, 'resource') }),
  [`${RESOURCE}.subresource(string): ${RESOURCE}`]: (check: ResourceCheck, subresource: string) =>
    check.with({ subresource }),
  [`${RESOURCE}.namespace(string): ${RESOURCE}`]: (check: ResourceCheck, namespace: string) =>
    check.with({ namespace }),
  [`${RESOURCE}.name(string): ${RESOURCE}`]: (check: ResourceCheck, name: string) => check.with({ name }),
  [`${RESOURCE}.fieldSelector(string): ${RESOURCE}`]: selectFields,
  // No authorizer here decides by labels.
  [`${RESOURCE}.labelSelector(string): ${RESOURCE}`]: (check: ResourceCheck) => check,
  [`${PATH}.check(string): ${DECISION}`]: [
    ({ decider, path }: PathCheck, verb: string) => new DecisionValue(decider.authorize(pathAttributes(verb, path))),
    checkCost,
  ],
  [`${RESOURCE}.check(string): ${DECISION}`]: [
    ({ decider, attributes }: ResourceCheck, verb: string) =>
      new DecisionValue(decider.authorize(resourceAttributes({ ...attributes, verb }))),
    checkCost,
  ],
  [`${DECISION}.allowed(): bool`]: ({ decision }: DecisionValue) => decision.allowed,
  [`${DECISION}.reason(): string`]: ({ decision }: DecisionValue) => decision.reason,
  // Decisions are made from memory and cannot fail.
  [`${DECISION}.errored(): bool`]: () => false,
  [`${DECISION}.error(): string`]: () => '',
};
