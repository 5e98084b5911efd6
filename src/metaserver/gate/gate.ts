import type { Caller } from '../../api/caller.ts';
import type { Attributes } from '../../auth/index.ts';
import type { HttpRequest, Peer } from '../../http/index.ts';

/** Stands before every request of a secured metaserver. Without one, whoever is on this machine is trusted. */
export interface Gate {
  /** Who asks, if it may do what the attributes say: requests go on in its name. Rejects with Unauthorized or Forbidden. */
  admit(request: HttpRequest, attributes: Attributes, peer: Peer): Promise<Caller>;
}
