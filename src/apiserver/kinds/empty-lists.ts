/**
 * Upstream stores most kinds as protobuf, which does not tell an empty list from none: fields without `omitempty` come
 * back as null either way.
 */
export function emptyAsNull<T extends object>(owner: T | undefined, ...members: (keyof T)[]): void {
  for (const member of members) {
    const list = owner?.[member];
    if (Array.isArray(list) && list.length === 0) Object.assign(owner ?? {}, { [member]: null });
  }
}
