export { openSealing } from './open-sealing.ts';
