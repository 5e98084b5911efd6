/** Names of images: `docker.io/library/nginx:1.27@sha256:…`. Pure. */

const DEFAULT_REGISTRY = 'docker.io';
const NAME =
  /^(?:[a-zA-Z0-9.-]+(?::\d+)?\/|\[[0-9a-fA-F:]+\](?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

export interface ImageReference {
  /** `registry.example:5000`, `docker.io` */
  readonly registry: string;
  /** Registry and repository: what credentials are matched with. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** What to pull: the text with `latest` where neither tag nor digest is given. */
  readonly full: string;
}

/** Undefined where the text is not a reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at < 0 ? '' : text.slice(at + 1);
  const rest = at < 0 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const hasTag = colon > rest.lastIndexOf('/');
  const name = hasTag ? rest.slice(0, colon) : rest;
  const tag = hasTag ? rest.slice(colon + 1) : '';
  if (!NAME.test(name) || (hasTag && !TAG.test(tag)) || (at >= 0 && !DIGEST.test(digest))) return undefined;
  const registry = registryOf(name);
  const repository =
    registry === undefined ? `${DEFAULT_REGISTRY}/${name.includes('/') ? '' : 'library/'}${name}` : name;
  const full = tag === '' && digest === '' ? `${text}:latest` : text;
  return {
    registry: registry ?? DEFAULT_REGISTRY,
    repository,
    tag: tag === '' && digest === '' ? 'latest' : tag,
    digest,
    full,
  };
}

/** The first segment is a registry where it has a dot or a port, or is `localhost`. */
function registryOf(name: string): string | undefined {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  return /[.:]/.test(first) || first === 'localhost' ? first : undefined;
}
