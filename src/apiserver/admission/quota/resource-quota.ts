/** The ResourceQuota plug-in: charges a write to the quotas of its namespace before it happens. */
import type { ResourceQuota } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';
import { forbidden } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { type Charge, type ChargePlan, planCharge } from './plan-charge.ts';

/** Writes a quota as `transform` makes it of the newest one; called again when another writer came between. */
export type WriteQuota = (
  namespace: string,
  name: string,
  transform: (quota: KubeObject) => KubeObject,
  signal: AbortSignal,
) => Promise<void>;

/** Of all others only the making counts. */
const GROWING = new Set(['services', 'persistentvolumeclaims']);

/** Last in the chain: what it has charged for is refused by no later plug-in. */
export class ResourceQuotaAdmission implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #objects: AdmissionObjects;
  readonly #clock: Clock;
  readonly #write: WriteQuota;

  constructor(objects: AdmissionObjects, clock: Clock, write: WriteQuota) {
    this.#objects = objects;
    this.#clock = clock;
    this.#write = write;
  }

  async validate(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    const { resource, namespace, object, oldObject } = request;
    if (object === undefined || namespace === '' || !isCounted(request)) return;
    const quotas: ResourceQuota[] = await this.#objects.list('resourcequotas', namespace);
    const charge: Charge = { resource, object, oldObject, now: this.#clock.now() };
    // All are asked before one is charged, so that a refusal costs nothing.
    const due = quotas.filter((quota) => planFor(request, quota, charge).kind === 'charge');
    if (request.dryRun) return;
    for (const quota of due) {
      const name = quota.metadata?.name ?? '';
      await this.#write(namespace, name, (newest) => charged(request, newest, charge), signal);
    }
  }
}

function isCounted({ operation, resource, subresource }: AdmissionRequest): boolean {
  if (resource.group === '' && resource.plural === 'pods' && subresource === 'resize') return operation === 'UPDATE';
  if (subresource !== '') return false;
  return operation === 'CREATE' || (operation === 'UPDATE' && resource.group === '' && GROWING.has(resource.plural));
}

/** Throws Forbidden where the quota does not allow it. */
function planFor({ resource, name }: AdmissionRequest, quota: KubeObject, charge: Charge): ChargePlan {
  const plan = planCharge(quota, charge);
  if (plan.kind === 'refuse') throw forbidden(resource, name, plan.why);
  return plan;
}

function charged(request: AdmissionRequest, quota: KubeObject, charge: Charge): KubeObject {
  const plan = planFor(request, quota, charge);
  return plan.kind === 'charge'
    ? { ...quota, status: { ...(quota.status as object | undefined), used: plan.used } }
    : quota;
}
