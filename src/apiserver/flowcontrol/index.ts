export { defaultFlowSchemas, defaultPriorityLevels } from './default-objects.ts';
export { FlowControl } from './flow-control.ts';
export { FlowObjects } from './flow-objects.ts';
export { ListWidths } from './list-widths.ts';
