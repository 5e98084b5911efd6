/** Reviews and token requests as calls on the API: each is created, judged and answered; nothing is stored. */
import type { KubeObject } from '../../../api/object.ts';
import type { Authorizer, RbacAuthorizer, TokenObjects } from '../../../auth/index.ts';
import type { ApiResponse } from '../../../client/index.ts';
import type { AdmissionChain } from '../../admission/admission.ts';
import { decodeBody } from '../../registry/body.ts';
import type { ResourceCall } from '../../registry/call.ts';
import { contextOf, formOf } from '../../registry/endpoint.ts';
import { encoded } from '../../registry/presenter.ts';
import { settleNamespace } from '../../registry/metadata.ts';
import type { CallHandler } from '../../registry/router.ts';
import type { FieldOwnership } from '../../registry/write-context.ts';
import { admitCreation } from '../../registry/subresources/admit.ts';
import { writeOptions } from '../../registry/write-options.ts';
import type { BodyDecoder } from '../../schema/index.ts';
import type { Authenticator } from '../authenticator.ts';
import type { TokenIssuer } from '../tokens/token-issuer.ts';
import { reviewAccess, reviewRules } from './access-reviews.ts';
import { reviewSelf, reviewToken } from './identity-reviews.ts';
import { requestToken, withTokenDefaults } from './token-request.ts';

export interface ReviewParts {
  readonly admission: AdmissionChain;
  readonly decoder: BodyDecoder;
  readonly ownership: FieldOwnership;
  readonly objects: TokenObjects;
  readonly now: () => number;
  readonly issuer: TokenIssuer;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly authenticator: Authenticator;
}

type Review = (review: KubeObject, call: ResourceCall) => KubeObject | Promise<KubeObject>;

export function reviewHandlers(parts: ReviewParts): Record<string, CallHandler> {
  const { objects, now, issuer, authorizer, rbac, authenticator } = parts;
  const access =
    (kind: 'SelfSubjectAccessReview' | 'SubjectAccessReview' | 'LocalSubjectAccessReview'): Review =>
    (review, { caller, info }) =>
      reviewAccess(review, kind, info.namespace, caller, authorizer);
  const reviews: Record<string, [group: string, kind: string, review: Review]> = {
    'selfsubjectaccessreviews.authorization.k8s.io': [
      AUTHORIZATION,
      'SelfSubjectAccessReview',
      access('SelfSubjectAccessReview'),
    ],
    'subjectaccessreviews.authorization.k8s.io': [AUTHORIZATION, 'SubjectAccessReview', access('SubjectAccessReview')],
    'localsubjectaccessreviews.authorization.k8s.io': [
      AUTHORIZATION,
      'LocalSubjectAccessReview',
      access('LocalSubjectAccessReview'),
    ],
    'selfsubjectrulesreviews.authorization.k8s.io': [
      AUTHORIZATION,
      'SelfSubjectRulesReview',
      (review, { caller }) => reviewRules(review, caller, rbac),
    ],
    'selfsubjectreviews.authentication.k8s.io': [
      AUTHENTICATION,
      'SelfSubjectReview',
      (review, { caller }) => reviewSelf(review, caller, now()),
    ],
    'tokenreviews.authentication.k8s.io': [
      AUTHENTICATION,
      'TokenReview',
      (review) => reviewToken(review, authenticator),
    ],
    'serviceaccounts/token': [
      AUTHENTICATION,
      'TokenRequest',
      (request, { info }) => requestToken(request, info, objects, issuer, now()),
    ],
  };
  const handlers = Object.entries(reviews).map(
    ([resource, [group, kind, review]]) => [resource, handler(parts, group, kind, review)] as const,
  );
  return Object.fromEntries(handlers);
}

const AUTHORIZATION = 'authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';

type HandlerParts = Pick<ReviewParts, 'decoder' | 'ownership' | 'admission'>;

function handler(
  { decoder, ownership, admission }: HandlerParts,
  group: string,
  kind: string,
  review: Review,
): CallHandler {
  return async (call): Promise<ApiResponse> => {
    const form = formOf(call, false);
    const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'] ?? '');
    const object = decodeBody(decoder, call, { group, version: 'v1', kind }, options.fieldValidation);
    if (kind === 'TokenRequest') withTokenDefaults(object);
    settleNamespace(object, call.served, call.info.namespace);
    const served = { ...call.served, info: { ...call.served.info, group, version: 'v1', kind } };
    const context = contextOf({ ...call, served }, options, 'CreateOptions');
    ownership.track(object, undefined, context);
    await admitCreation(admission, call, object, context);
    const { kind: _kind, apiVersion: _apiVersion, metadata = {}, ...rest } = await review(object, call);
    return encoded(201, { kind, apiVersion: `${group}/v1`, metadata, ...rest }, form);
  };
}
