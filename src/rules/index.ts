export { RuleRouter, type RuleBus, type RuleRouterNeeds } from './rule-router.ts';
