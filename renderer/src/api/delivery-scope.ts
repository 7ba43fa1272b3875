/** Which deliveries; an empty field narrows nothing. */
export interface DeliveryScope {
  /** A status, a sub-state of what waits, or `device`: kept by its provider or carrier for a phone that is off. */
  readonly status: string;
  readonly recipient: string;
  readonly domain: string;
  readonly provider: string;
  readonly stream: string;
  readonly tag: string;
  readonly project: string;
}

/** The fields of a scope as the API names them. */
export function scopeFields(scope: DeliveryScope): Record<string, string> {
  const waits = scope.status === 'held' || scope.status === 'deferred';
  const fields = {
    ...(waits
      ? { status: 'queued', substatus: scope.status }
      : scope.status === 'device'
        ? { status: 'sent', substatus: 'held', waitsFor: 'device' }
        : { status: scope.status }),
    recipient: scope.recipient,
    domain: scope.domain,
    provider: scope.provider,
    stream: scope.stream,
    tag: scope.tag,
    project: scope.project,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** The same for an order to all that are listed: the list searches for a part of the recipient. */
export function orderFields(scope: DeliveryScope): Record<string, string> {
  const { recipient, ...fields } = scopeFields(scope);
  return recipient === undefined ? fields : { ...fields, recipientContains: recipient };
}
