export { OpenApiPublisher, type OpenApiOptions, type OpenApiRequest } from './publisher.ts';
