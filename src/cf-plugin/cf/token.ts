import * as v from 'valibot';

const claims = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ sub: v.optional(v.string(), ''), scope: v.optional(v.array(v.string()), []) }),
);

/**
 * What a token of UAA says of its user, unchecked: the server that gets the token checks it. `sub`: the
 * id of the user or, after `cf auth --client-credentials`, of the client; empty if the token does not
 * say it.
 * @param token including the "bearer "
 */
export function claimsOf(token: string): {
  readonly sub: string;
  readonly scope: readonly string[];
} {
  const [, payload = ''] = token.split('.');
  const read = v.safeParse(claims, Buffer.from(payload, 'base64url').toString('utf8'));
  return read.success ? read.output : { sub: '', scope: [] };
}
