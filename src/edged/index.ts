export { Edged, type EdgedNeeds, type EdgedSettings } from './edged.ts';
