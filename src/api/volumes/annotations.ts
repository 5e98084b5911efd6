/** @facts What the parts that bind and provision volumes write on claims and volumes for each other (component-helpers `volume`). */

/** On a claim: it was bound once; whether its volume is lost shows from then on. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: a controller, not a person, has chosen the other side. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: who made it, and so who deletes it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** On a claim: the node that the scheduler has chosen for its first pod. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** On a claim: who is to make its volume. */
export const STORAGE_PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
export const BETA_STORAGE_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
/** The provisioner of classes whose volumes people make. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';
