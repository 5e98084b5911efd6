/** How the topics that one filter selects lie to those of another. Pure. */

const ANY = '+';
const REST = '#';

/** Whether all topics that `filter` selects are selected by `pattern` too. */
export function covers(pattern: string, filter: string): boolean {
  if (startsWithWildcard(pattern) && filter.startsWith('$')) return false;
  // No topic is without a level, so both select the same.
  const want = pattern === `${ANY}/${REST}` ? [REST] : pattern.split('/');
  const have = filter.split('/');
  for (const [index, level] of want.entries()) {
    if (level === REST) return true;
    const mine = have[index];
    if (mine === undefined || mine === REST) return false;
    if (level !== ANY && level !== mine) return false;
  }
  return want.length === have.length;
}

/** Whether there is a topic that both filters select. */
export function overlap(one: string, other: string): boolean {
  if (startsWithWildcard(one) && other.startsWith('$')) return false;
  if (startsWithWildcard(other) && one.startsWith('$')) return false;
  return meet(one.split('/'), other.split('/'));
}

function meet(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [a, b] = [one[index], other[index]];
    if (a === REST || b === REST) return true;
    if (a === undefined || b === undefined) return false;
    if (a !== b && a !== ANY && b !== ANY) return false;
  }
  return true;
}

/** Such filters select nothing that begins with `$` [MQTT-4.7.2-1]. */
function startsWithWildcard(filter: string): boolean {
  return filter.startsWith(ANY) || filter.startsWith(REST);
}
