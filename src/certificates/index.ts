export { FileCertificate } from './file-certificate.ts';
export { type RequestedCertificateNeeds, RequestedCertificate } from './requested-certificate.ts';
export type { ServingCertificate } from './serving-certificate.ts';
