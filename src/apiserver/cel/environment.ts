/** The functions that expressions of Kubernetes 1.36 may use: apiserver `pkg/cel/environment/base.go`. */
import { addressLibraries } from './functions/addresses.ts';
import { authorizer } from './functions/authorizer.ts';
import { conversions } from './functions/conversions.ts';
import { lists } from './functions/lists.ts';
import { namedFormats } from './functions/named-formats.ts';
import { operators } from './functions/operators.ts';
import { optionals } from './functions/optionals.ts';
import { quantities } from './functions/quantity.ts';
import { regex } from './functions/regex.ts';
import { semvers } from './functions/semver.ts';
import { strings } from './functions/strings.ts';
import { urls } from './functions/url.ts';
import { functionsOf, type Functions } from './overload.ts';

export const KUBERNETES_FUNCTIONS: Functions = functionsOf([
  ...operators,
  ...conversions,
  ...strings,
  ...optionals,
  ...lists,
  ...addressLibraries,
  regex,
  urls,
  quantities,
  semvers,
  namedFormats,
  authorizer,
]);
