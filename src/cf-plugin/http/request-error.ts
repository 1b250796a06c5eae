/** Why there is no usable answer to one request. */
export type RequestError =
  | { readonly kind: 'timeout'; readonly seconds: number }
  /** No connection, or one that broke before the answer began: an errno or a code of Node's TLS. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** `fileTrouble`: what is wrong with the file of authorities that was given; null: nothing, or none was. */
  | { readonly kind: 'certificate'; readonly code: string; readonly fileTrouble: string | null }
  /** `said`: the beginning of the body as others wrote it; empty where there was none. */
  | { readonly kind: 'status'; readonly status: number; readonly said: string }
  | { readonly kind: 'cut-short' | 'too-large' | 'not-json' }
  | { readonly kind: 'wrong-shape'; readonly where: string };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: RequestError };
