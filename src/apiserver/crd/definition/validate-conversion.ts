/** How versions may be converted: upstream `pkg/apis/apiextensions/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { dns1035LabelErrors } from '../../../api/names.ts';
import { clientConfigErrors } from '../../kinds/admissionregistration/webhook-validation.ts';
import type { CrdSpec } from './model.ts';

/** In upstream's inner form, which the paths show, what is told of the webhook stands here. */
const PATH = 'spec.conversion';
const STRATEGIES = ['None', 'Webhook'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

export function conversionErrors(conversion: CrdSpec['conversion']): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy = '' } = conversion;
  if (strategy === '') return [required(`${PATH}.strategy`)];
  const errors = STRATEGIES.includes(strategy) ? [] : [notSupported(`${PATH}.strategy`, strategy, STRATEGIES)];
  const { clientConfig, conversionReviewVersions } = conversion.webhook ?? {};
  const versions = conversionReviewVersions ?? [];
  if (strategy === 'Webhook') {
    return [
      ...(clientConfig === undefined
        ? [required(`${PATH}.webhookClientConfig`, 'required when strategy is set to Webhook')]
        : clientConfigErrors(clientConfig, `${PATH}.webhookClientConfig`)),
      ...reviewVersionErrors(versions),
    ];
  }
  const why = 'should not be set when strategy is not set to Webhook';
  if (clientConfig !== undefined) errors.push(forbiddenField(`${PATH}.webhookClientConfig`, why));
  if (versions.length > 0) errors.push(forbiddenField(`${PATH}.conversionReviewVersions`, why));
  return errors;
}

function reviewVersionErrors(versions: readonly string[]): FieldError[] {
  const path = `${PATH}.conversionReviewVersions`;
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((version, index) => {
    const at = `${path}[${index}]`;
    if (versions.indexOf(version) < index) return [invalid(at, version, 'duplicate version')];
    return dns1035LabelErrors(version).map((problem) => invalid(at, version, problem));
  });
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return errors;
  return [...errors, invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`)];
}
