import type { Toleration } from '../../api/kinds.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { wholePod } from './pods.ts';

/** How long a pod stays on a node that is gone, unless it says otherwise. */
const SECONDS = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** The DefaultTolerationSeconds plug-in. */
export class DefaultTolerationSeconds implements AdmissionPlugin {
  readonly name = 'DefaultTolerationSeconds';

  admit(request: AdmissionRequest): void {
    const spec = wholePod(request)?.spec;
    if (spec === undefined) return;
    const given = spec.tolerations ?? [];
    const missing = KEYS.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    spec.tolerations = [...given, ...added];
  }
}

function tolerates({ key = '', effect = '' }: Toleration, wanted: string): boolean {
  return (key === wanted || key === '') && (effect === 'NoExecute' || effect === '');
}
