/** Who asks, after authentication: `user.Info` of Kubernetes. */
export interface Caller {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** `authentication.k8s.io/v1` UserInfo. */
export function userInfo({ name, uid, groups, extra }: Caller): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
