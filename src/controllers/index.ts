export { Controllers, type ControllersOptions } from './controllers.ts';
