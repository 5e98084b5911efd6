/** The network of the site's pods on this machine. */
export interface PodNetwork {
  /** `10.200.4.0/22` */
  readonly subnet: string;
  /** The address of its bridge. */
  readonly gateway: string;
}
