/** A token with these claims, as far as the plugin reads it. */
const tokenOf = (claims: object): string =>
  `bearer x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;

/** A token of a user with these scopes. */
export const tokenWith = (...scope: readonly string[]): string => tokenOf({ sub: 'user-1', scope });

/** A token of this user, who has no scope. */
export const tokenFor = (sub: string): string => tokenOf({ sub, scope: [] });

/** The token of the runs for which nothing else is said. */
export const TOKEN = tokenFor('user-1');
