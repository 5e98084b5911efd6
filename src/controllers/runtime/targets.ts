export { targetOf, unlessGone } from '../../client/index.ts';
