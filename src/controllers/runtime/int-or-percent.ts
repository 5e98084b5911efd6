/** The number that an IntOrString means of `total`; a percentage is rounded as asked. Nothing: `fallback`. */
export function intOrPercent(
  value: string | number | undefined,
  total: number,
  round: 'up' | 'down',
  fallback: string | number,
): number {
  const given = value ?? fallback;
  if (typeof given === 'number') return given;
  const percent = Number(given.replace(/%$/, ''));
  if (!given.endsWith('%') || Number.isNaN(percent)) return Number.isNaN(Number(given)) ? 0 : Number(given);
  const exact = (percent * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
