/** A library that is not needed to be ready: it takes a while to load, and that is put off until it is asked for. */
export function atFirstUse<T>(load: () => T): () => T {
  let loaded: { readonly library: T } | null = null;
  return () => {
    loaded ??= { library: load() };
    return loaded.library;
  };
}
