export type { InProcessConverter } from './conversion/version-conversion.ts';
export { WebhookConverter } from './conversion/webhook-converter.ts';
export { CustomKinds } from './custom-kinds.ts';
export { CustomResources } from './custom-resources.ts';
export { definitionStrategy } from './definition/definition-strategy.ts';
export type { PrinterColumn } from './definition/model.ts';
export { customTable } from './instance/custom-table.ts';
export { customDecoder } from './instance/decode-custom.ts';
