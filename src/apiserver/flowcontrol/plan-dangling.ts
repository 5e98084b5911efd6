import type { FlowSchema } from '../../api/kinds.ts';

type Condition = NonNullable<NonNullable<FlowSchema['status']>['conditions']>[number];

const DANGLING = 'Dangling';

/** The condition that the schema should have, in upstream's words; undefined where it has it. */
export function planDangling({ spec, status }: FlowSchema, levelExists: boolean, now: number): Condition | undefined {
  const name = JSON.stringify(spec?.priorityLevelConfiguration.name ?? '');
  const references = `This FlowSchema references the PriorityLevelConfiguration object named ${name}`;
  const wanted = levelExists
    ? { status: 'False', reason: 'Found', message: `${references} and it exists` }
    : { status: 'True', reason: 'NotFound', message: `${references} but there is no such object` };
  const present = status?.conditions?.find(({ type }) => type === DANGLING);
  if (present?.status === wanted.status && present.reason === wanted.reason && present.message === wanted.message) {
    return undefined;
  }
  const lastTransitionTime = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return { type: DANGLING, ...wanted, lastTransitionTime };
}
