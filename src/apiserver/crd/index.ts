export { CustomKinds, type InProcessConverter } from './custom-kinds.ts';
export { CustomResources } from './custom-resources.ts';
export { definitionStrategy } from './definition/definition-strategy.ts';
export { customDecoder } from './instance/decode-custom.ts';
export { NO_RULES, type RuleEvaluator } from './instance/rules.ts';
