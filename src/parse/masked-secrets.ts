// Whoever runs a process writes its command line, and every pass reads some: the patterns begin at the beginning of a
// word alone and look no further than its end for what they need, so that no text takes longer than its length.

const SECRET_WORD =
  '(?:password|passwd|passphrase|secret|token|credential|api[-_.]?key|private[-_.]?key)';
const SECRET_VALUE = new RegExp(
  String.raw`(?<![\w.-])(?=[\w.-]*${SECRET_WORD})([\w.-]+[=: ]\s*)(?:"[^"]*"|'[^']*'|\S+)`,
  'gi',
);
const URL_USERINFO = /(?<![\w+.-])(?=[+.-]*\w)([\w+.-]+:\/\/)[^/\s:@]*:[^/\s@]*@/g;

/** A command line without the values that look secret: of words that are called so, and of the users in URLs. */
export const maskSecrets = (text: string): string =>
  text.replace(URL_USERINFO, '$1***@').replace(SECRET_VALUE, '$1***');
