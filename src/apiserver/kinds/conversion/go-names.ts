/** Members as Go names them (`ScaleUp`) and as the wire does (`scaleUp`): some annotations hold Go's own form. */

export function goNames(value: unknown): unknown {
  return mapNames(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));
}

export function wireNames(value: unknown): unknown {
  return mapNames(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));
}

function mapNames(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapNames(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [rename(name), mapNames(member, rename)]));
}
