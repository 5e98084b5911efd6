/** URLs as Go's `url.ParseRequestURI` reads them: apiserver `pkg/cel/library/urls.go`. */
import { traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { CelError, LiteralMap, Opaque, type CelMap } from '../values.ts';

class UrlValue extends Opaque {
  readonly typeName = 'kubernetes.URL';
  readonly text: string;
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, parts: Pick<UrlValue, 'scheme' | 'host' | 'path' | 'query'>) {
    super();
    this.text = text;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }

  equals(other: Opaque): boolean {
    return other instanceof UrlValue && this.text === other.text;
  }
}

const FORM = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/is;
const HOST = /^(?:\[[0-9a-f:.%]+\]|[^[\]:\s<>"^`{|}\\]*)(?::\d*)?$/i;

function parse(text: string): UrlValue | undefined {
  const [, scheme = '', authority = '', path = '', query = ''] = FORM.exec(text) ?? [];
  const absolute = scheme === '' ? text.startsWith('/') : text.startsWith('/', scheme.length + 1);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const escaped = !/%(?![0-9a-f]{2})/i.test(path) && !/\p{Cc}/u.test(text);
  if (!absolute || !escaped || !HOST.test(host)) return undefined;
  return new UrlValue(text, { scheme: scheme.toLowerCase(), host, path, query });
}

function url(text: string): UrlValue {
  const parsed = parse(text);
  if (parsed === undefined) {
    throw new CelError(
      `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
    );
  }
  return parsed;
}

/** `[::1]:80` has the name `::1`. */
function hostParts(host: string): { name: string; port: string } {
  const [, bracketed, plain = '', port = ''] = /^(?:\[(.*)\]|([^:]*))(?::(\d*))?$/.exec(host) ?? [];
  return { name: bracketed ?? plain, port };
}

function queryMap(query: string): CelMap {
  const values = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value]);
  const map = new LiteralMap();
  for (const [key, list] of values) map.insert(key, list);
  return map;
}

/** As Go escapes a path anew: what needs no escape stays. */
function escapedPath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/gu, (character) => encodeURIComponent(character));
}

export const urls: Library = {
  'url(string): kubernetes.URL': [url, traversal()],
  'isURL(string): bool': [(text: string) => parse(text) !== undefined, traversal()],
  'kubernetes.URL.getScheme(): string': ({ scheme }: UrlValue) => scheme,
  'kubernetes.URL.getHost(): string': ({ host }: UrlValue) => host,
  'kubernetes.URL.getHostname(): string': ({ host }: UrlValue) => hostParts(host).name,
  'kubernetes.URL.getPort(): string': ({ host }: UrlValue) => hostParts(host).port,
  'kubernetes.URL.getEscapedPath(): string': ({ path }: UrlValue) => escapedPath(path),
  'kubernetes.URL.getQuery(): map<string, list<string>>': ({ query }: UrlValue) => queryMap(query),
};
