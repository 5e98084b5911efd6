export {
  CallMeter,
  CostExceeded,
  MATCH_CONDITIONS_BUDGET,
  PER_CALL_LIMIT,
  runDeadline,
  RUNTIME_BUDGET,
} from './budget.ts';
export { compile, isRejected, type Program, type Rejection, type Variables } from './compile.ts';
export { Bounds } from './estimate/bounds.ts';
export { estimateCost } from './estimate/estimate.ts';
export { AuthorizerValue, type Decider, ResourceCheck } from './functions/authorizer.ts';
export { dynValue } from './json-values.ts';
export { type Shape, shapeOf } from './schema-shape.ts';
export {
  BOOL,
  type CelType,
  DYN,
  listOf,
  mapOf,
  NULL,
  type ObjectType,
  optionalOf,
  sameType,
  showType,
  STRING,
} from './types.ts';
export { CelError, type CelMap, type CelValue, isList, isMap, Optional, toJson } from './values.ts';
