export {
  accessDenied,
  assertAllowed,
  type Attributes,
  type Authorizer,
  type Decision,
  mastersAuthorizer,
  pathAttributes,
  requestAttributes,
  resourceAttributes,
  UnionAuthorizer,
} from './attributes.ts';
export { ANONYMOUS, AUTHENTICATED, bearerToken, certificateCaller, unauthorized } from './credentials.ts';
export { publishedKey, readJwt, type SigningKey, signingKey, signJwt, verificationKey } from './jwt.ts';
export { RbacAuthorizer } from './rbac-authorizer.ts';
export {
  aggregatedRules,
  RBAC_RESOURCES,
  RbacIndex,
  type RbacResource,
  type RoleRef,
  type Subject,
} from './rbac-index.ts';
export { isTrue, parseTarget, requestInfo, type RequestInfo } from './request-info.ts';
export { compactRules, missingRules, type PolicyRule, quotedList, ruleAllows, ruleText } from './rules.ts';
export {
  serviceAccountGroups,
  ServiceAccountTokens,
  TokenError,
  type TrustedIssuer,
  type VerifiedToken,
} from './service-account-tokens.ts';
export type { TokenObjects } from './token-objects.ts';
