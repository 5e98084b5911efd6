export type { KeyPair, SigningKey } from './certificates.ts';
export { renderKubeconfig } from './kubeconfig.ts';
export { loadSitePki, type SitePki, type SitePkiOptions } from './site-pki.ts';
