/** Parameters of a request to the SMS API: of its query, and of its body as a form or as JSON. Pure. */

export type Parameters = ReadonlyMap<string, string>;

export type ParametersRead =
  | { readonly kind: 'read'; readonly parameters: Parameters }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Source: https://developer.vonage.com/messaging/sms, the content types that a JSON object may come with. */
const jsonTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/jsonrequest',
  'application/x-javascript',
  'text/json',
  'text/javascript',
  'text/x-javascript',
  'text/x-json',
]);

const parametersMax = 200;

/** @param body as text; empty for none. What the body says wins over the query. */
export function readParameters(query: string, contentType: string, body: string): ParametersRead {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) parameters.set(name, value);
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (body !== '') {
    if (jsonTypes.has(type)) {
      const problem = addJson(parameters, body);
      if (problem !== null) return { kind: 'unreadable', why: problem };
    } else for (const [name, value] of new URLSearchParams(body)) parameters.set(name, value);
  }
  return parameters.size > parametersMax
    ? { kind: 'unreadable', why: `there are more than ${parametersMax} parameters` }
    : { kind: 'read', parameters };
}

function addJson(parameters: Map<string, string>, body: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return `the body is no JSON: ${error.message}`;
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'the body is no JSON object';
  for (const [name, one] of Object.entries(value))
    if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
      parameters.set(name, String(one));
  return null;
}

/** In JSON a text, which may be cut off, or a number; in a form what its name says. */
const secretParameters =
  /("(?:api_secret|sig)"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s",}]+)|(\b(?:api_secret|sig)=)[^&\s]*/g;

/** The same with credentials masked, for transcripts and for what is kept. */
export function maskParameters(text: string): string {
  return text.replace(secretParameters, (_, json?: string, form?: string) =>
    form === undefined ? `${json ?? ''}"***"` : `${form}***`,
  );
}
