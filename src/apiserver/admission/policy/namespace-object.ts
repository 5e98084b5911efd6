/** `namespaceObject`: what expressions see of the namespace of a request (upstream `admission/plugin/cel/compile.go`). */
import type { Schema } from '../../../api/schema.ts';
import { type Shape, shapeOf } from '../../cel/index.ts';

const TEXT: Schema = { type: 'string' };
const TIME: Schema = { type: 'string', format: 'date-time' };
const COUNT: Schema = { type: 'integer' };
const TEXTS: Schema = { type: 'array', items: TEXT };
const TEXT_MAP: Schema = { type: 'object', additionalProperties: TEXT };
const record = (properties: Readonly<Record<string, Schema>>): Schema => ({ type: 'object', properties });

const NAMESPACE = record({
  metadata: record({
    name: TEXT,
    generateName: TEXT,
    namespace: TEXT,
    labels: TEXT_MAP,
    annotations: TEXT_MAP,
    creationTimestamp: TIME,
    deletionGracePeriodSeconds: COUNT,
    deletionTimestamp: TIME,
    generation: COUNT,
    resourceVersion: TEXT,
    finalizers: TEXTS,
  }),
  spec: record({ finalizers: TEXTS }),
  status: record({
    phase: TEXT,
    conditions: {
      type: 'array',
      items: record({ status: TEXT, type: TEXT, lastTransitionTime: TIME, message: TEXT, reason: TEXT }),
    },
  }),
});

export function namespaceShape(): Shape | undefined {
  return shapeOf(NAMESPACE, false, 'kubernetes.Namespace');
}
