export { type CertificateRequest, makeCertificateRequest, readCertificateRequest } from './certificate-request.ts';
export { type KeyPair, makeTlsKey, type SigningKey, signRequest } from './certificates.ts';
export { renderKubeconfig } from './kubeconfig.ts';
export { loadSitePki, type SitePki, type SitePkiOptions } from './site-pki.ts';
