/** The functions that expressions of Kubernetes 1.36 may use: apiserver `pkg/cel/environment/base.go`. */
import { functionsOf, type Functions } from './overload.ts';
import { authorizer } from './functions/authorizer.ts';
import { conversions } from './functions/conversions.ts';
import { operators } from './functions/operators.ts';
import { optionals } from './functions/optionals.ts';
import { strings } from './functions/strings.ts';

export const KUBERNETES_FUNCTIONS: Functions = functionsOf([
  ...operators,
  ...conversions,
  ...strings,
  ...optionals,
  authorizer,
]);
