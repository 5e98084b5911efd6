import { matchesNodeSelection } from '../../api/node-affinity.ts';
import { tolerates, untoleratedTaint } from '../../api/taints.ts';
import { type Filter, FITS, helplessly } from './filter.ts';

const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: Filter = (pod, { node }) => {
  if (node.spec?.unschedulable !== true) return FITS;
  const allowed = pod.spec?.tolerations?.some((toleration) => tolerates(toleration, UNSCHEDULABLE_TAINT)) === true;
  return allowed ? FITS : helplessly('node(s) were unschedulable');
};

export const taintToleration: Filter = (pod, { node }) => {
  const taint = untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']);
  return taint === undefined ? FITS : helplessly('node(s) had untolerated taint(s)');
};

export const nodeAffinity: Filter = (pod, { node }) =>
  matchesNodeSelection(pod, node) ? FITS : helplessly("node(s) didn't match Pod's node affinity/selector");
