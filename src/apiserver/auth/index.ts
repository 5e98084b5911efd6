export { Auth } from './auth.ts';
export { nodeNameOf } from './node/node-authorizer.ts';
export { bootstrapPolicy } from './policy/bootstrap-policy.ts';
export { StaticTokens } from './tokens/static-tokens.ts';
export type { TokenIssuer } from './tokens/token-issuer.ts';
