import type { Pod } from '../../api/kinds.ts';
import { claimKeysOf, podClaims } from '../volumes/pod-claims.ts';
import { chooseVolumes } from '../volumes/choose-volumes.ts';
import { type Filter, FITS, helplessly, rejected } from './filter.ts';

const SINGLE_POD = 'ReadWriteOncePod';

/** A claim for one pod alone is used by one pod alone, wherever it runs (upstream `volumerestrictions`). */
export const volumeRestrictions: Filter = (pod, _, { nodes, storage }) => {
  const single = claimKeysOf(pod).filter((key) => storage.claim(key)?.spec?.accessModes?.includes(SINGLE_POD) === true);
  if (single.length === 0) return FITS;
  const usesOne = (other: Pod): boolean => claimKeysOf(other).some((key) => single.includes(key));
  const taken = nodes.some(({ pods }) =>
    pods.some((other) => other.metadata?.uid !== pod.metadata?.uid && usesOne(other)),
  );
  return taken
    ? rejected('node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode')
    : FITS;
};

/** Volumes that are within reach of the node, or can be made there (upstream `volumebinding`). */
export const volumeBinding: Filter = (pod, { node }, { storage }) => {
  const claims = podClaims(pod, storage);
  if (typeof claims === 'string') return helplessly(claims);
  if (claims.bound.length + claims.waiting.length === 0) return FITS;
  const choice = chooseVolumes(claims, node, storage);
  return typeof choice === 'string' ? helplessly(choice) : FITS;
};
