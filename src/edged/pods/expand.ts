/** `$(NAME)` replaced by its value, `$$` by one dollar; what is not known stays as it is. Pure. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, what: string, name: string | undefined) => {
    if (what === '$') return '$';
    return values.get(name ?? '') ?? whole;
  });
}
