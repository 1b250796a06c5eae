/** C1 controls, format characters and separators: JSON keeps them, and terminals obey them. */
const STEERING = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

const escapeUnits = (text: string): string => {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    escaped += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
};

/** A value as JSON for stdout: the same for a parser, but nothing in it controls a terminal. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(STEERING, escapeUnits);
