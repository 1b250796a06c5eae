// Any process chooses its own command line, and every pass reads some. The patterns match only at
// the beginning of a word and look no further than its end, so their time is linear.

const SECRET_WORD =
  '(?:password|passwd|passphrase|secret|token|credential|api[-_.]?key|private[-_.]?key)';
const SECRET_VALUE = new RegExp(
  String.raw`(?<![\w.-])(?=[\w.-]*${SECRET_WORD})([\w.-]+[=: ]\s*)(?:"[^"]*"|'[^']*'|\S+)`,
  'gi',
);
const URL_USERINFO = /(?<![\w+.-])(?=[+.-]*\w)([\w+.-]+:\/\/)[^/\s:@]*:[^/\s@]*@/g;

/** A command line without the values of words that look like secrets, and without users in URLs. */
export const maskSecrets = (text: string): string =>
  text.replace(URL_USERINFO, '$1***@').replace(SECRET_VALUE, '$1***');
