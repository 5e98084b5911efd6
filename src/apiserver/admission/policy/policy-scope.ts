/** What the expressions of one policy may name, and what that is for one request. */
import type { JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  CelError,
  type CelMap,
  type CelType,
  type CelValue,
  compile,
  DYN,
  isRejected,
  type Program,
  type Rejection,
  type Variables,
} from '../../cel/index.ts';
import type { ExpressionRun, Variable } from './expression-run.ts';
import { namespaceShape } from './namespace-object.ts';
import { objectValue, REQUEST_VARIABLES, type RequestVariables } from './request-variables.ts';

export interface NamedExpression {
  readonly name?: string | undefined;
  readonly expression?: string | undefined;
}

const NAMESPACE = namespaceShape();
const AUTHORIZER = ['authorizer', 'authorizer.requestResource'];

export class PolicyScope {
  /** Of all expressions but those that only make texts. */
  readonly full: Variables;
  /** Without the authorizer. */
  readonly plain: Variables;
  /** The programs of `spec.variables`, by name; each may use those before it. */
  readonly composed = new Map<string, Program | Rejection>();

  /** `objectType`: of `object` and `oldObject`, where it is known; `records`: types of which values may be made. */
  constructor(
    variables: readonly NamedExpression[],
    hasParams: boolean,
    objectType: CelType = DYN,
    records?: Variables['records'],
  ) {
    const base = new Map<string, CelType>([
      ...REQUEST_VARIABLES.types,
      ['object', objectType],
      ['oldObject', objectType],
      ['namespaceObject', NAMESPACE?.type ?? DYN],
      ...(hasParams ? [['params', DYN] as const] : []),
    ]);
    const made = records === undefined ? {} : { records };
    let fields = new Map<string, CelType>();
    const withFields = (): ReadonlyMap<string, CelType> =>
      new Map(base).set('variables', { kind: 'object', name: 'kubernetes.variables', fields });
    for (const { name = '', expression = '' } of variables) {
      const program = compile(expression, { types: withFields(), ...made });
      this.composed.set(name, program);
      fields = new Map(fields).set(name, isRejected(program) ? DYN : program.type);
    }
    this.full = { types: withFields(), ...made };
    this.plain = { types: new Map([...this.full.types].filter(([name]) => !AUTHORIZER.includes(name))) };
  }
}

/** What a policy looks at beside the request. */
export interface PolicyInput {
  readonly request: RequestVariables;
  readonly namespace: KubeObject | undefined;
  readonly params: KubeObject | undefined;
}

/** The variables of a policy for one request; those it composes itself are evaluated when they are first asked for. */
export function policyVariable({ composed }: PolicyScope, input: PolicyInput, run: ExpressionRun): Variable {
  const lazy = new ComposedVariables(composed, run, (name) => variable(name));
  const namespace = NAMESPACE === undefined || input.namespace === undefined ? null : toNamespace(input.namespace);
  const params = objectValue(input.params);
  const variable = (name: string): CelValue | undefined => {
    if (name === 'variables') return lazy;
    if (name === 'namespaceObject') return namespace;
    return name === 'params' ? params : input.request.get(name);
  };
  return variable;
}

function toNamespace(namespace: KubeObject): CelValue {
  return NAMESPACE?.convert(namespace as JsonValue) ?? null;
}

class ComposedVariables implements CelMap {
  readonly typeName = 'kubernetes.variables';
  readonly #programs: ReadonlyMap<string, Program | Rejection>;
  readonly #run: ExpressionRun;
  readonly #variable: Variable;
  readonly #made = new Map<string, CelValue | CelError>();

  constructor(programs: ReadonlyMap<string, Program | Rejection>, run: ExpressionRun, variable: Variable) {
    this.#programs = programs;
    this.#run = run;
    this.#variable = variable;
  }

  get size(): number {
    return this.#programs.size;
  }

  has(key: CelValue): boolean {
    return typeof key === 'string' && this.#programs.has(key);
  }

  /** Throws CelError. */
  get(key: CelValue): CelValue | undefined {
    const program = typeof key === 'string' ? this.#programs.get(key) : undefined;
    if (program === undefined || typeof key !== 'string') return undefined;
    const made = this.#made.get(key) ?? this.#make(key, program);
    this.#made.set(key, made);
    if (made instanceof CelError) throw made;
    return made;
  }

  keys(): readonly string[] {
    return [...this.#programs.keys()];
  }

  #make(name: string, program: Program | Rejection): CelValue | CelError {
    const failed = (why: string): CelError => new CelError(`composited variable "${name}" fails to evaluate: ${why}`);
    if (isRejected(program)) return failed(`compilation error: compilation failed: ${program.problem}`);
    try {
      return this.#run.run(program, this.#variable);
    } catch (error) {
      if (error instanceof CelError) return failed(error.message);
      throw error;
    }
  }
}
