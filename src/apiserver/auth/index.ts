export {
  accessDenied,
  assertAllowed,
  type Attributes,
  type Authorizer,
  type Decision,
  mastersAuthorizer,
  UnionAuthorizer,
} from './attributes.ts';
export { EscalationCheck, type RbacWrite } from './rbac/escalation.ts';
export { RbacAuthorizer } from './rbac/rbac-authorizer.ts';
export { RBAC_RESOURCES, RbacIndex, type RbacResource } from './rbac/rbac-index.ts';
