import type { DocumentRequest } from './request-info.ts';

/** Query parameters that change the document; the rest (`timeout`) only says how it is fetched. */
const TELLING = ['hash'];
const PLAIN = 'application/json';

/** Under which keys a document that fits the request may be kept, best first: one for each media type it accepts. */
export function documentKeys({ path, query }: DocumentRequest, accept: string | undefined): string[] {
  const telling = TELLING.flatMap((name) => query.getAll(name).map((value) => `${name}=${value}`)).join('&');
  const address = `${path.replace(/\/+$/, '')}${telling === '' ? '' : `?${telling}`}`;
  const types = (accept ?? '')
    .split(',')
    .map((media) =>
      media
        .replace(/;\s*q=[\d.]+/, '')
        .replaceAll(/\s/g, '')
        .toLowerCase(),
    )
    .map((media) => (media === '' || media === '*/*' || media === 'application/*' ? PLAIN : media));
  return [...new Set(types)].map((type) => `${address} ${type}`);
}
