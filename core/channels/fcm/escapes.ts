/** Percent-encoding in paths (RFC 3986 §2.1). */

/** A part of a path that is not well escaped stands for itself. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
